import type { ComponentChildren } from 'preact'

type Change = { text: string /** What is changed, for those who hear the link alone. */; about: string } & (
  | { href: string }
  | { name?: string; value?: string; formAction?: string }
)

/** One answer of a check-your-answers list; `change` leads back by a link or, where the form carries state, by a button. */
export type SummaryRow = { label: string; value: ComponentChildren; change?: Change | undefined }

const ChangeAction = ({ change }: { change: Change }) => {
  const text = (
    <>
      {change.text} <span class="a-hidden">{change.about}</span>
    </>
  )
  return 'href' in change ? (
    <a class="a-change" href={change.href}>
      {text}
    </a>
  ) : (
    <button class="a-change" type="submit" name={change.name} value={change.value} formAction={change.formAction}>
      {text}
    </button>
  )
}

/** Questions and answers, below each other. A text is kept apart from the direction of the page: a phone number would come
 *  out backwards between words written from right to left. */
export const SummaryList = ({ rows }: { rows: readonly SummaryRow[] }) => (
  <dl class="a-summaries">
    {rows.map(({ label, value, change }) => (
      <div class="a-summary-row" key={label}>
        <dt>{label}</dt>
        <dd class="a-summary-value">{typeof value === 'string' ? <bdi>{value}</bdi> : value}</dd>
        {change && (
          <dd class="a-summary-change">
            <ChangeAction change={change} />
          </dd>
        )}
      </div>
    ))}
  </dl>
)

type TableProps = {
  caption: string
  columns: readonly { label: string; numeric?: boolean }[]
  /** The first cell of a row is its heading. */
  rows: readonly (readonly ComponentChildren[])[]
}

/** Rows and columns; on a narrow screen each row becomes a block that names its columns. */
export const Table = ({ caption, columns, rows }: TableProps) => (
  <table class="a-table">
    <caption>{caption}</caption>
    <thead>
      <tr>
        {columns.map(({ label, numeric }) => (
          <th scope="col" class={numeric ? 'a-number' : undefined} key={label}>
            {label}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map(([head, ...cells], row) => (
        <tr key={row}>
          <th scope="row">{head}</th>
          {cells.map((cell, index) => (
            <td
              class={columns[index + 1]?.numeric ? 'a-number' : undefined}
              data-label={columns[index + 1]?.label}
              key={columns[index + 1]?.label}
            >
              {cell}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

type MonthDay = {
  number: number
  href?: string
  /** Shown below the number, e.g. `08:00`. */
  time?: string
  /** All of it in words, for those who hear the link alone. */
  label?: string
}

type MonthProps = {
  caption: string
  /** Seven, Monday first. */
  weekdays: readonly { short: string; long: string }[]
  /** Of the first day, 1 for Monday. */
  firstWeekday: number
  days: readonly MonthDay[]
}

/** A month as people know it from the wall; days with something on them are links. */
export const MonthTable = ({ caption, weekdays, firstWeekday, days }: MonthProps) => {
  const cells = [...Array.from({ length: firstWeekday - 1 }, () => null), ...days]
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => cells[week * 7 + day] ?? null),
  )
  return (
    <table class="a-month">
      <caption class="a-hidden">{caption}</caption>
      <thead>
        <tr>
          {weekdays.map(({ short, long }) => (
            <th scope="col" key={long}>
              <span aria-hidden="true">{short}</span>
              <span class="a-hidden">{long}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, row) => (
          <tr key={row}>
            {week.map((day, column) => (
              <td key={column}>{day && <DayOfMonth {...day} />}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const DayOfMonth = ({ number, href, time, label }: MonthDay) =>
  href ? (
    <a class="a-month-day" href={href}>
      <span class="a-hidden">{label}</span>
      <span aria-hidden="true" class="a-month-number">
        {number}
      </span>
      <span aria-hidden="true" class="a-month-time">
        {time}
      </span>
    </a>
  ) : (
    <span class="a-month-none">{number}</span>
  )
