/** Configurations: the board of their stages, and one of them with all that it rests on. */
import { usePageObject } from "@/app/router";
import { BoardPage } from "./board";
import { DetailPage } from "./detail";

export default function Configurations() {
  const id = usePageObject();
  return id === undefined ? <BoardPage /> : <DetailPage key={id} id={id} />;
}
