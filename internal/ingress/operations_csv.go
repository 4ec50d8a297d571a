package ingress

import (
	"bytes"
	"encoding/csv"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// operationColumns are the columns of operations as CSV. New ones come last.
var operationColumns = []struct {
	name  string
	value func(op *payment.Resource) string
}{
	{"id", func(op *payment.Resource) string { return op.ID }},
	{"kind", func(op *payment.Resource) string { return string(op.Kind) }},
	{"status", func(op *payment.Resource) string { return string(op.Status) }},
	{"paymentId", func(op *payment.Resource) string { return op.PaymentID }},
	{"paymentTransactionId", func(op *payment.Resource) string { return op.PaymentTransactionID }},
	{"amount", func(op *payment.Resource) string { return op.Amount }},
	{"refundedAmount", func(op *payment.Resource) string { return op.RefundedAmount }},
	{"currency", func(op *payment.Resource) string { return op.Currency }},
	{"destination", func(op *payment.Resource) string { return string(op.Destination) }},
	{"reason", func(op *payment.Resource) string { return op.Reason }},
	{"reference", func(op *payment.Resource) string { return noFormula(op.Reference) }},
	{"createdAt", func(op *payment.Resource) string { return csvTime(op.CreatedAt) }},
	{"updatedAt", func(op *payment.Resource) string { return csvTime(op.UpdatedAt) }},
	{"settledAt", func(op *payment.Resource) string { return csvTime(op.SettledAt) }},
	{"authCode", proof(func(p *payment.ProofView) string { return p.AuthCode })},
	{"hostReference", proof(func(p *payment.ProofView) string { return p.HostReference })},
	{"refundHostReference", proof(func(p *payment.ProofView) string { return p.RefundHostReference })},
	{"cancelHostReference", proof(func(p *payment.ProofView) string { return p.CancelHostReference })},
	{"refundTxId", proof(func(p *payment.ProofView) string { return p.RefundTxID })},
	{"customerReference", func(op *payment.Resource) string { return op.CustomerReference }},
	{"errorCode", func(op *payment.Resource) string {
		if op.Error == nil {
			return ""
		}
		return op.Error.Code
	}},
	{"chargedTo", func(op *payment.Resource) string { return string(op.ChargedTo) }},
}

func proof(value func(*payment.ProofView) string) func(*payment.Resource) string {
	return func(op *payment.Resource) string {
		if op.Iyzico == nil {
			return ""
		}
		return value(op.Iyzico)
	}
}

func csvTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// noFormula puts an apostrophe before a text of the caller's that a spreadsheet would take for a formula and run.
func noFormula(text string) string {
	if strings.IndexAny(text, "=+-@") == 0 {
		return "'" + text
	}
	return text
}

// csvResponse is a page as CSV with a header line. Link names the next page, where there is one: a page may have no lines
// and still have a next one.
func csvResponse(page operationsPage, next string) Response {
	header := make([]string, len(operationColumns))
	for i, column := range operationColumns {
		header[i] = column.name
	}
	response := csvOf(header, len(page.Operations), func(i int, row []string) {
		for j, column := range operationColumns {
			row[j] = column.value(&page.Operations[i])
		}
	})
	if next != "" {
		response.Header.Set("Link", "<"+next+`>; rel="next"`)
	}
	return response
}

// csvOf writes a header line and rows, each filled in by fill.
func csvOf(header []string, rows int, fill func(i int, row []string)) Response {
	var body bytes.Buffer
	w := csv.NewWriter(&body)
	_ = w.Write(header) // into memory: it does not fail
	row := make([]string, len(header))
	for i := range rows {
		fill(i, row)
		_ = w.Write(row)
	}
	w.Flush()
	response := jsonResponse(http.StatusOK, nil)
	response.Body = body.Bytes()
	response.Header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	return response
}

// wantsCSV tells whether the caller would rather have CSV than JSON. Without a word about either it is JSON.
func wantsCSV(header http.Header) bool {
	asCSV, asJSON := 0.0, 0.0
	for _, line := range header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			mediaType, params, err := mime.ParseMediaType(part)
			if err != nil {
				continue
			}
			weight := 1.0
			if q, given := params["q"]; given {
				if weight, err = strconv.ParseFloat(q, 64); err != nil { //nolint:forbidigo // a weight, no money
					continue
				}
			}
			switch mediaType {
			case "text/csv":
				asCSV = max(asCSV, weight)
			case "application/json":
				asJSON = max(asJSON, weight)
			}
		}
	}
	return asCSV > asJSON
}
