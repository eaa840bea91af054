import encodeQR from 'qr'

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const quiet = 4

/** Dark modules as runs, row by row: `M<x> <y>h<length>v1h-<length>z`. */
const pathOf = (rows: readonly (readonly boolean[])[]): string =>
  rows
    .flatMap((row, y) => {
      const runs: string[] = []
      for (let x = 0; x < row.length; x++) {
        if (!row[x]) continue
        let length = 1
        while (row[x + length]) length += 1
        runs.push(`M${x} ${y}h${length}v1h-${length}z`)
        x += length
      }
      return runs
    })
    .join('')

/** A text as a QR code, black on white also where the page is dark. The lowest level of correction keeps the modules
 *  large: the code is read from a screen or fresh paper. @throws above 2953 bytes, which no code holds. */
export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: quiet })
  const size = rows.length
  return (
    <svg class="a-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={pathOf(rows)} fill="#000" />
    </svg>
  )
}
