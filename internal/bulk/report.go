package bulk

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// reportColumns are the report's, in the order in which people need them.
var reportColumns = []string{
	"line", columnPaymentID, columnLineID, columnAmount, "currency", columnReference, "status", "bankReference", "do", "sent", "error", "operationId", columnKey,
}

// WriteReport writes one line for each of the file's. It is separated as the file is, and its amounts have the file's
// decimal sign, so that the same program opens both.
func WriteReport(w io.Writer, f File, outcomes []Outcome) error {
	if f.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	cells := csv.NewWriter(w)
	cells.Comma = f.Separator
	rows := make([][]string, 0, len(f.Lines)+1)
	rows = append(rows, reportColumns)
	for i := range f.Lines {
		rows = append(rows, reportRow(&f.Lines[i], outcomes[i], f.DecimalComma))
	}
	if err := cells.WriteAll(rows); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func reportRow(l *Line, o Outcome, decimalComma bool) []string {
	amount, currency := l.Amount, l.Currency
	if o.Amount != "" {
		amount, currency = o.Amount, o.Currency // of full, what it came to
	}
	if decimalComma {
		amount = strings.Replace(amount, ".", ",", 1)
	}
	return []string{
		strconv.Itoa(l.Number), l.PaymentID, l.LineID, amount, currency, text(l.Reference), o.Status, text(o.BankReference),
		o.ToDo(), string(o.Sent), text(o.Error), l.OperationID, text(l.Key),
	}
}

// text keeps a spreadsheet from taking a cell for a formula: others wrote it.
func text(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
