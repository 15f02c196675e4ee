/**
 * A window over the page: focus goes in and comes back, Escape leaves. Radix without its Overlay,
 * which would write a style element that the page's policy forbids; scrolling is held by `html:has`.
 */
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

type Props = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** Before the title, such as a mode badge. */
  badge?: ReactNode;
  /** For screen readers; where the dialog explains itself, leave it out. */
  description?: string;
  look?: "" | "wide" | "drawer";
  children: ReactNode;
};

export function Dialog({ open, onClose, title, badge, description, look = "", children }: Props) {
  const { t } = useTranslation("frame");
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <div className="scrim" />
        <Radix.Content
          className={`dialog ${look}`}
          data-floats="modal"
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className="dlh">
            {badge}
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close asChild>
              <button type="button" className="btn ghost icon sp" aria-label={t("close")}>
                <Icon name="close" size="s" />
              </button>
            </Radix.Close>
          </div>
          {description && <Radix.Description className="sr">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
