package bulk

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteReport writes one line for each of the file's: line, key, status, operation id, error. It is separated as the file
// is, so that the same program opens both.
func WriteReport(w io.Writer, f File, outcomes []Outcome) error {
	if f.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	cells := csv.NewWriter(w)
	cells.Comma = f.Separator
	rows := make([][]string, 0, len(f.Lines)+1)
	rows = append(rows, []string{"line", "key", "status", "operationId", "error"})
	for i := range f.Lines {
		l, o := &f.Lines[i], outcomes[i]
		rows = append(rows, []string{strconv.Itoa(l.Number), l.Key, o.Status, l.OperationID, o.Error})
	}
	if err := cells.WriteAll(rows); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
