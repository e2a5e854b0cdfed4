// Generates the types of all operations from the newest released schema: `node codegen/generate.mjs FILE`.
// It runs graphql-codegen's core with two of its plugins; their command line would bring 200 packages more.
import { codegen } from "@graphql-codegen/core";
import * as documentsPlugin from "@graphql-codegen/typed-document-node";
import * as operationsPlugin from "@graphql-codegen/typescript-operations";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "graphql";

const here = import.meta.dirname;
const versions = join(here, "../../../api/graphql/versions");
const operations = join(here, "../../operations");

const graphqlFiles = (folder) => readdirSync(folder).filter((name) => name.endsWith(".graphql")).sort();
const parsed = (folder, name) => parse(readFileSync(join(folder, name), "utf8"));

const newest = graphqlFiles(versions).at(-1);
const config = {
  documentMode: "string",
  useTypeImports: true,
  enumsAsTypes: true,
  futureProofEnums: true,
  strictScalars: true,
  dedupeFragments: true,
  scalars: {
    Currency: "string",
    Date: "string",
    DateTime: "string",
    ID: "string",
    Minor: "string",
    Position: "string",
    SecretText: "string",
    Whole: "string",
  },
};

const text = await codegen({
  filename: process.argv[2],
  schema: parsed(versions, newest),
  documents: graphqlFiles(operations).map((name) => ({ location: name, document: parsed(operations, name) })),
  config,
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations: operationsPlugin, documents: documentsPlugin },
});

// The one type that the text would import from a package is in this one.
const own = text.replace("@graphql-typed-document-node/core", "../documents.js");
const version = `/** The version of the schema that requests name. */\nexport const VERSION = "${newest.replace(".graphql", "")}";\n`;
writeFileSync(process.argv[2], `${own.trimEnd()}\n\n${version}`);
