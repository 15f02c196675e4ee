import { DropdownMenu } from "radix-ui";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

type Props = {
  columns: { id: string; head: string }[];
  hidden: string[];
  onChange: (hidden: string[]) => void;
};

/** Chooses which columns are shown; the first always is. */
export function ColumnMenu({ columns, hidden, onChange }: Props) {
  const { t } = useTranslation("parts");
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="btn ghost icon" aria-label={t("table.columns")}>
          <Icon name="columns" size="s" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" aria-label={t("table.columns")}>
          {columns.slice(1).map(({ id, head }) => {
            const isShown = !hidden.includes(id);
            return (
              <DropdownMenu.CheckboxItem
                key={id}
                checked={isShown}
                onSelect={(event) => event.preventDefault()}
                onCheckedChange={() =>
                  onChange(isShown ? [...hidden, id] : hidden.filter((one) => one !== id))
                }
              >
                <Icon name="check" className={isShown ? "" : "invisible"} />
                {head}
              </DropdownMenu.CheckboxItem>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
