/** From a strategy to a verdict: its graph, the data, the search, and what came of it. */
import { usePageObject } from "@/app/router";
import { Library } from "./Library";
import "./studio.css";
import { Workbench } from "./Workbench";

export default function Studio() {
  const name = usePageObject();
  return name === undefined ? <Library /> : <Workbench key={name} name={name} />;
}
