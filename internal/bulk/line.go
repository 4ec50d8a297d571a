package bulk

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// truths are what spreadsheets write into a cell of yes or no, in capitals; Excel writes Turkish where it speaks it.
var truths = map[string]bool{"TRUE": true, "FALSE": false, "DOĞRU": true, "YANLIŞ": false}

// anyKey stands for the key of a line that gets one later.
const anyKey = "made-later"

// readLine reads one line's cells, in the order of names, and checks them as the API does: all faults at once.
func readLine(number int, names, cells []string, decimalComma bool) (Line, payment.Command, []Fault) {
	l := Line{Number: number}
	var faults []Fault
	fault := func(field, message string) {
		value := ""
		if i := slices.Index(names, field); i >= 0 {
			value = quoted(field, strings.TrimSpace(cells[i]))
		}
		faults = append(faults, Fault{Line: number, Field: field, Value: value, Message: message})
	}
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
			if message := spreadsheetFault(name, cell, decimalComma); message != "" {
				fault(name, message)
			} else if name == columnAmount && decimalComma {
				members[name] = strings.Replace(cell, ",", ".", 1)
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
	l.PaymentID, l.LineID, l.Reference, l.Body = command.PaymentID, command.LineID, command.Reference, body
	l.Currency = string(command.Currency)
	if !command.Full {
		l.Amount = command.Amount.Decimal().StringFixed(2)
	}
	return l, command, faults
}

// grouped is a separator with exactly three digits after it: 1.250 is 1250 to one reader and 1.25 to the other.
var grouped = regexp.MustCompile(`[.,][0-9]{3}([^0-9]|$)`)

// spreadsheetFault names what spreadsheets do to numbers, which the API's own messages would not explain.
func spreadsheetFault(name, cell string, decimalComma bool) string {
	switch {
	case name == columnAmount && grouped.MatchString(cell):
		return "has three digits after a point or comma, which may mean thousands: write 1250 or 1250.00 for one thousand two hundred and fifty, 1.25 for one and a quarter"
	case name == columnAmount && !decimalComma && strings.Contains(cell, ","):
		return "must have a decimal point and no comma: 149.90 (or run with -decimal comma)"
	case name == columnAmount && decimalComma && strings.Contains(cell, "."):
		return "must have a decimal comma and no point under -decimal comma: 149,90"
	case (name == columnPaymentID || name == columnLineID) && strings.ContainsAny(cell, "eE") && strings.ContainsAny(cell, ".,+"):
		return "was shortened by a spreadsheet and is lost: format the column as text before the ids go in"
	}
	return ""
}

// maxQuoted bounds what is quoted of a cell, in characters.
const maxQuoted = 40

// quoted is a cell as an error may show it: what is printable, in one line. Texts for people stay out of errors, because
// customers' names stand there, and keys do.
func quoted(field, cell string) string {
	if field == "description" || field == columnReference || field == columnKey {
		return ""
	}
	runes := []rune(strings.ToValidUTF8(cell, "\ufffd"))
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '\ufffd'
		}
	}
	if len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "…"
	}
	return string(runes)
}
