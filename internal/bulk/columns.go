package bulk

import (
	"fmt"
	"slices"
	"strings"
)

// Column is one column that a file may have. Its name is the API's member, but for Key.
type Column struct {
	Name string
	// Meaning is one line for people.
	Meaning string
}

// The columns that are not just copied into the request.
const (
	columnPaymentID = "paymentId"
	columnLineID    = "paymentTransactionId"
	columnAmount    = "amount"
	columnFull      = "full"
	columnReference = "reference"
	columnKey       = "key"
)

// Columns lists every column that is known, in the order in which people should meet them. Refunds to the iyzico balance
// have none: each needs its customer.
func Columns() []Column {
	return []Column{
		{columnPaymentID, "iyzico's payment id (needed)"},
		{columnLineID, "the line to refund; empty if the payment has one, or with allocation"},
		{columnAmount, "how much, with a decimal point: 149.90 (-decimal comma: 149,90)"},
		{columnFull, "true refunds all that is left; then amount stays empty"},
		{"currency", "the payment's currency, to be compared"},
		{"allocation", "proportional, in_order or iyzico: how an amount spreads over several lines"},
		{"chargedTo", "merchant: the merchant pays for it instead of the seller (marketplaces only)"},
		{"reason", "OTHER, FRAUD, BUYER_REQUEST or DOUBLE_PAYMENT"},
		{"description", "sent to iyzico and stored nowhere; needs a reason"},
		{columnReference, "your own name for it, shown in answers and events"},
		{"locale", "tr or en"},
		{columnKey, "the idempotency key; made from payment, line, amount and reference if empty"},
	}
}

// separators are what spreadsheets write between cells; Excel writes a semicolon where the comma is the decimal sign.
const separators = ",;\t"

// separatorOf finds what separates the cells of a header, a comma if nothing does.
func separatorOf(header string) rune {
	found, most := ',', 0
	for _, s := range separators {
		if n := strings.Count(header, string(s)); n > most {
			found, most = s, n
		}
	}
	return found
}

// readHeader says which column each cell stands for. Names are compared without case and surrounding spaces.
func readHeader(cells []string) (names []string, faults []Fault) {
	known := Columns()
	fault := func(field, message string) { faults = append(faults, Fault{Line: 1, Field: field, Message: message}) }
	for i, cell := range cells {
		at := slices.IndexFunc(known, func(c Column) bool { return strings.EqualFold(c.Name, strings.TrimSpace(cell)) })
		switch {
		case at < 0:
			faults = append(faults, Fault{
				Line: 1, Field: fmt.Sprintf("column %d", i+1), Value: quoted("", cell), Message: "has no known name; known are " + columnNames(),
			})
		case slices.Contains(names, known[at].Name):
			fault(known[at].Name, "must be one column only")
		default:
			names = append(names, known[at].Name)
			continue
		}
		names = append(names, "")
	}
	if !slices.Contains(names, columnPaymentID) {
		fault(columnPaymentID, "is needed as a column: the first line names the columns")
	}
	if !slices.Contains(names, columnAmount) && !slices.Contains(names, columnFull) {
		fault(columnAmount, "is needed as a column, or full")
	}
	return names, faults
}

func columnNames() string {
	var names []string
	for _, c := range Columns() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}
