import { type FunctionComponent, hydrate } from 'preact'

/** What goes from the server to an island with the page: words, and whatever else it begins with. */
export type Given = {
  readonly [name: string]: string | number | boolean | null | Given | readonly Given[] | readonly string[]
}

/** Whatever `read` does with the places on this page where the server put the island. */
const eachPlace = (name: string, read: (place: HTMLElement) => void): void => {
  if (typeof document === 'undefined') return
  for (const place of document.querySelectorAll<HTMLElement>(`[data-island="${name}"]`)) read(place)
}

/**
 * A part of a page that goes on living in the browser: the server renders it as it is without JavaScript, and where there
 * is some, Preact takes it over as it stands. `name`: of its file, `<feature>/<file>` for
 * `src/features/<feature>/browser/<file>.tsx`; a page with it lists that name in `islands`. What it is given travels in
 * the page, readable for whoever has the page, so nothing that this person may not know.
 */
export const island = <G extends Given>(name: string, Component: FunctionComponent<G>): FunctionComponent<G> => {
  eachPlace(name, (place) => hydrate(<Component {...(JSON.parse(place.dataset.given ?? '') as G)} />, place))
  return (given) => (
    <div data-island={name} data-given={JSON.stringify(given)}>
      <Component {...given} />
    </div>
  )
}
