import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export type MenuItem =
  | {
      label: string;
      run: () => void;
      icon?: IconName;
      danger?: boolean;
      why?: string;
      keys?: string;
    }
  | "line";

type Props = {
  label: string;
  items: MenuItem[];
  open?: boolean;
  onOpen?: (open: boolean) => void;
  children: ReactNode;
};

/** A menu behind a button. An item with `why` cannot be chosen now, and says why. */
export function Menu({ label, items, open, onOpen, children }: Props) {
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpen}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} aria-label={label}>
          {items.map((item, index) =>
            item === "line" ? (
              <DropdownMenu.Separator key={index} className="sep" />
            ) : (
              <DropdownMenu.Item
                key={item.label}
                disabled={item.why !== undefined}
                className={item.danger ? "danger" : ""}
                onSelect={item.run}
              >
                {item.icon && <Icon name={item.icon} />}
                <span>
                  {item.label}
                  {item.why && <small className="t3 block">{item.why}</small>}
                </span>
                {item.keys && <kbd className="sp">{item.keys}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
