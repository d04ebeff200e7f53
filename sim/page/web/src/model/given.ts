// What the native binary has put into the page, as data; nothing: the page is as it was built.
export function given<T>(): T | undefined {
  const text = document.getElementById('given')?.textContent ?? '';
  return text === '' ? undefined : (JSON.parse(text) as T);
}
