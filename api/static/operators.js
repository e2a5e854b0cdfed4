// Starts GraphiQL on the operators' endpoint. The session is a cookie that no script reads; the header shows that this
// page sent the request, and not one of another site.
"use strict";

const FIRST_QUERY = `# You read every partner's books here. Each change states a reason, and is recorded with your name.
query FirstLook {
  me { name roles expiresAt }
  books { name currency position lakePosition }
  consumers { book consumer lag }
  partners(book: "sandbox", first: 5) {
    nodes { id externalRef name vertical }
    asOf
  }
}
`;
const OWN = { "Cofferdam-Operator": "1" };

const leave = () => window.location.assign("/operators");

const fetcher = async (parameters, options) => {
  const response = await fetch("/operators/graphql", {
    method: "POST",
    credentials: "same-origin",
    headers: {
      ...options?.headers,
      Accept: "application/graphql-response+json",
      "Content-Type": "application/json",
      ...OWN,
    },
    body: JSON.stringify(parameters),
  });
  if (response.status === 401) leave();
  return response.json();
};

const showOperator = async () => {
  const { data } = await fetcher({ query: "{ me { name roles } }" });
  if (data) document.getElementById("operator").textContent = `${data.me.name} (${data.me.roles.join(", ")})`;
};

const signOut = async () => {
  await fetch("/operators/sign-out", { method: "POST", credentials: "same-origin", headers: OWN });
  window.sessionStorage.clear();
  leave();
};

const start = (schema) => {
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const explorer = React.createElement(GraphiQL, {
    fetcher,
    schema,
    storage: window.sessionStorage,
    defaultQuery: FIRST_QUERY,
    isHeadersEditorEnabled: false,
    plugins: [GraphiQLPluginExplorer.explorerPlugin()],
  });
  root.render(explorer);
};

document.getElementById("sign-out").addEventListener("click", signOut);
showOperator();
fetch("/operators/schema.json", { credentials: "same-origin", headers: OWN })
  .then((response) => response.json())
  .then(start);
