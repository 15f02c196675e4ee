export * from "./dates";
export { formatLanguage, formatZone, setFormatting, type Zone } from "./locale";
export * from "./numbers";
