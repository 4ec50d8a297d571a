package bulk

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// truths are what spreadsheets write into a cell of yes or no, in capitals; Excel writes Turkish where it speaks it.
var truths = map[string]bool{"TRUE": true, "FALSE": false, "DOĞRU": true, "YANLIŞ": false}

// anyKey stands for the key of a line that gets one later.
const anyKey = "made-later"

// readLine reads one line's cells, in the order of names, and checks them as the API does: all faults at once.
func readLine(number int, names, cells []string) (Line, payment.Command, []Fault) {
	l := Line{Number: number}
	var faults []Fault
	fault := func(field, message string) { faults = append(faults, Fault{number, field, message}) }
	members := map[string]any{}
	for i, name := range names {
		cell := strings.TrimSpace(cells[i])
		if cell == "" {
			continue
		}
		if !utf8.ValidString(cell) {
			fault(name, "is not UTF-8: let the spreadsheet save the file as \"CSV UTF-8\"")
			continue
		}
		switch name {
		case columnKey:
			l.Key = cell
		case columnFull:
			full, ok := truths[strings.ToUpper(cell)]
			if !ok {
				fault(name, "must be true, false or empty")
			}
			if full || !ok {
				members[name] = full
			}
		default:
			members[name] = cell
			if message := spreadsheetFault(name, cell); message != "" {
				fault(name, message)
			}
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		fault("line", "cannot be written as JSON")
		return l, payment.Command{}, faults
	}
	key := l.Key
	if key == "" {
		key = anyKey
	}
	command, more := ingress.CheckRefund(body, key)
	for _, f := range more {
		field := f.Field
		if field == "Idempotency-Key" {
			field = columnKey
		}
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Field == field }) {
			fault(field, f.Message)
		}
	}
	if l.Key != "" {
		l.Key = command.Key // without the quotation marks that a key may have around it
	}
	l.PaymentID, l.Body = command.PaymentID, body
	return l, command, faults
}

// spreadsheetFault names what spreadsheets do to numbers, which the API's own messages would not explain.
func spreadsheetFault(name, cell string) string {
	switch {
	case name == columnAmount && strings.Contains(cell, ","):
		return "must have a decimal point and no comma: 149.90"
	case (name == columnPaymentID || name == columnLineID) && strings.ContainsAny(cell, "eE") && strings.ContainsAny(cell, ".,+"):
		return "was shortened by a spreadsheet and is lost: format the column as text before the ids go in"
	}
	return ""
}
