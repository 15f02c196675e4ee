// The OpenAPI document as a page. Nothing is sent from here but the question for the document.

import { empty, failed, h, loading, table } from "./draw.js";

const MAIN = "/api/v1";
const place = document.getElementById("operations");

function resolve(schema, known) {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? known[name] : schema;
}

function typeOf(schema, known) {
  if (!schema) return "any";
  if (schema.anyOf) return schema.anyOf.map((part) => typeOf(part, known)).filter((name) => name !== "null").join(" or ");
  const found = resolve(schema, known);
  if (found?.enum) return found.enum.join(" | ");
  if (schema.$ref) return schema.$ref.split("/").at(-1).replace(/Shape$/, "");
  if (schema.type === "array") return `list of ${typeOf(schema.items, known)}`;
  return schema.format ?? schema.type ?? "any";
}

function example(schema, known, depth = 0) {
  const found = resolve(schema, known);
  if (!found || depth > 5) return null;
  if (found.examples?.length) return found.examples[0];
  if (found.default !== undefined) return found.default;
  if (found.anyOf) return example(found.anyOf[0], known, depth + 1);
  if (found.enum) return found.enum[0];
  if (found.type === "array") return [example(found.items, known, depth + 1)];
  if (found.properties) {
    return Object.fromEntries(Object.entries(found.properties).map(([name, part]) => [name, example(part, known, depth + 1)]));
  }
  return { string: "…", integer: 0, number: 0, boolean: false, object: {} }[found.type] ?? null;
}

// Descriptions mark names with backticks.
const prose = (text) => (text ?? "").split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));
const code = (value) => h("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));

function parameters(operation, known) {
  if (!operation.parameters?.length) return null;
  return [h("h3", {}, "Parameters"), table("Parameters", [
    { head: "Name", cell: (row) => h("code", {}, row.name) },
    { head: "In", kind: "c2", cell: (row) => row.in },
    { head: "Type", cell: (row) => typeOf(row.schema, known) },
    { head: "", cell: (row) => h("span", {}, prose(row.description ?? (row.required ? "required" : ""))) },
  ], operation.parameters, (row) => row.name)];
}

function answers(operation, known) {
  return Object.entries(operation.responses).filter(([status]) => status.startsWith("2")).map(([status, answer]) => {
    const schema = answer.content?.["application/json"]?.schema;
    return [h("h3", {}, `Answer ${status}`), schema ? code(example(schema, known)) : h("p", {}, answer.description)];
  });
}

function operation(path, verb, found, known) {
  const body = found.requestBody?.content?.["application/json"]?.schema;
  return h("details", { id: found.operationId },
    h("summary", {}, h("span", { class: `verb ${verb}` }, verb.toUpperCase()), h("code", {}, path.replace(MAIN, "/api")), h("span", { class: "t3 c2" }, prose(found.description?.split("\n")[0]))),
    h("div", { class: "inside" }, h("p", {}, prose(found.description)), parameters(found, known),
      body ? [h("h3", {}, "Body"), code(example(body, known))] : null, answers(found, known).flat()));
}

async function show() {
  place.replaceChildren(loading(6));
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw Object.assign(new Error(response.statusText), { code: `http_${response.status}` });
    const document_ = await response.json();
    const known = document_.components.schemas, groups = new Map();
    for (const [path, verbs] of Object.entries(document_.paths)) {
      for (const [verb, found] of Object.entries(verbs)) {
        const tag = found.tags?.[0] ?? "other";
        groups.set(tag, [...(groups.get(tag) ?? []), operation(path, verb, found, known)]);
      }
    }
    document.getElementById("version").textContent = document_.info.version;
    document.getElementById("intro").replaceChildren(...prose(document_.info.description.replaceAll("\n", " ").trim()));
    const parts = [...groups].map(([tag, operations]) => [h("h2", {}, tag), operations]).flat(2);
    place.replaceChildren(...(parts.length ? parts : [empty("No route.")]));
  } catch (error) {
    place.replaceChildren(failed(error, show));
  }
}

show();
