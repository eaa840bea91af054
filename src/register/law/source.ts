/** An ISO 8601 day. Days of this form compare as text. */
export type Day = string

/** From what an entry of these catalogues is known. */
export type Source = {
  title: string
  /** Where it can be read; null: nowhere on the web. */
  url: string | null
  /** Neither the gazette nor the authority itself: somebody tells what these say. */
  secondary: boolean
  /** As of when the text is that was read there, a day or a month (ISO 8601), where that is known to be older than the check:
   *  what has changed since, nobody has seen. */
  asOf?: string
}

/** Every entry says from what it is known, and on which day somebody last held it against that; not that the source itself
 *  was of that day. */
export type Sourced = { source: Source; checked: Day }
