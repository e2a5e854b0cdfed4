// Starts GraphiQL on this origin's endpoint. The API key stands in the headers editor, and is kept for this tab only.
"use strict";

const FIRST_QUERY = `# Put your API key into Headers, then Ctrl-Enter.
query FirstLook {
  me { name vertical }
  accounts(first: 5) {
    nodes {
      externalRef
      kind
      balance { decimal currency }
    }
    asOf
  }
  insights(metric: "active_customers") {
    nodes {
      month
      cells { vertical value margin95 }
      release { epsilon }
    }
  }
}
`;
const FIRST_HEADERS = JSON.stringify({ Authorization: "Bearer cdk_YOUR_KEY" }, null, 2);

const fetcher = async (parameters, options) => {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { Accept: "application/graphql-response+json", "Content-Type": "application/json", ...options?.headers },
    body: JSON.stringify(parameters),
  });
  return response.json();
};

const start = (schema) => {
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const explorer = React.createElement(GraphiQL, {
    fetcher,
    schema,
    storage: window.sessionStorage,
    defaultQuery: FIRST_QUERY,
    defaultHeaders: FIRST_HEADERS,
    defaultEditorToolsVisibility: "headers",
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
    plugins: [GraphiQLPluginExplorer.explorerPlugin()],
  });
  root.render(explorer);
};

fetch("/schema.json")
  .then((response) => response.json())
  .then(start);
