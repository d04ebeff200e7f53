// A sheet over the page: Escape closes it, and the focus goes back to where it was.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function Dialog({
  title,
  close,
  children,
}: {
  title: string;
  close(): void;
  children: ComponentChildren;
}) {
  const sheet = useRef<HTMLDialogElement>(null);
  // Opening it moves the focus to its first button: whoever wants it elsewhere comes after that.
  useLayoutEffect(() => {
    sheet.current?.showModal();
  }, []);
  return (
    <dialog ref={sheet} onCancel={close} onClose={close} aria-labelledby="dialog-title">
      <header>
        <h2 id="dialog-title">{title}</h2>
        <button type="button" onClick={() => sheet.current?.close()}>
          Close <kbd>Esc</kbd>
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** What a terminal would show, which may be wider than a phone. */
export function Terminal({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section class="terminal" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
