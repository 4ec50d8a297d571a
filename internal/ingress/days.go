package ingress

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
)

// Days is what ingress needs of the day close. Errors are *payment.Error.
type Days interface {
	// Day gives one day as it was closed last, open if it never was. Codes: invalid-request, unavailable.
	Day(ctx context.Context, date payment.Day) (dayclose.Day, error)
	// Days gives the days between from and to, both included, that were closed or begun, oldest first. Codes: invalid-request, unavailable.
	Days(ctx context.Context, from, to payment.Day) ([]dayclose.Day, error)
	// Close closes a day, as far as the time suffices: Reason says what is still to be done. Codes: invalid-request, unavailable.
	Close(ctx context.Context, date payment.Day, until time.Time) (dayclose.Day, error)
}

// getDay serves GET /days/{date}: JSON, or the differences' rows as CSV.
func (a *API) getDay(ctx context.Context, req Request, date string) Response {
	var f faults
	if readQuery(req.RawQuery, &f); !f.none() {
		return invalid(&f)
	}
	if a.Days == nil {
		return noDays()
	}
	d, err := a.Days.Day(ctx, payment.Day(date))
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	if wantsCSV(req.Header) {
		return dayCSV(d)
	}
	return jsonResponse(http.StatusOK, d)
}

// listDays serves GET /days?from=&to=.
func (a *API) listDays(ctx context.Context, req Request, _ string) Response {
	var f faults
	query := readQuery(req.RawQuery, &f, "from", "to")
	for _, name := range []string{"from", "to"} {
		if f.none() && !query.Has(name) {
			f.add(name, "is needed: a day such as 2026-01-31")
		}
	}
	if !f.none() {
		return invalid(&f)
	}
	if a.Days == nil {
		return noDays()
	}
	days, err := a.Days.Days(ctx, payment.Day(query.Get("from")), payment.Day(query.Get("to")))
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	shown := make([]listedDay, 0, len(days))
	for _, d := range days {
		shown = append(shown, listedDay{d, nil, nil})
	}
	return jsonResponse(http.StatusOK, map[string][]listedDay{"days": shown})
}

// listedDay is a day without what is named in it: differenceCount says how much that is.
type listedDay struct {
	dayclose.Day
	Differences []string `json:"differences,omitempty"`
	Settled     []string `json:"settled,omitempty"`
}

// closeDay serves POST /days/{date}/close. A list with more pages than there was time for is closed by later calls, or by the
// schedule.
func (a *API) closeDay(ctx context.Context, req Request, date string) Response {
	if response, refused := refuseContent(req); refused {
		return response
	}
	if a.Days == nil {
		return noDays()
	}
	d, err := a.Days.Close(ctx, payment.Day(date), req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, d)
}

func noDays() Response {
	return newProblem(codeNotImplemented, "No days are closed here (JOURNAL_TABLE_NAME).").response()
}

// dayColumns are the columns of a day's differences as CSV. New ones come last.
var dayColumns = []struct {
	name  string
	value func(d *dayclose.Difference) string
}{
	{"kind", func(d *dayclose.Difference) string { return string(d.Kind) }},
	{"paymentId", func(d *dayclose.Difference) string { return d.PaymentID }},
	{"paymentTransactionId", func(d *dayclose.Difference) string { return d.PaymentTransactionID }},
	{"operationId", func(d *dayclose.Difference) string { return d.OperationID }},
	{"transactionId", func(d *dayclose.Difference) string { return d.TransactionID }},
	{"movement", func(d *dayclose.Difference) string { return d.Movement }},
	{"currency", func(d *dayclose.Difference) string { return d.Currency }},
	{"iyzicoAmount", func(d *dayclose.Difference) string { return d.IyzicoAmount }},
	{"iadeAmount", func(d *dayclose.Difference) string { return d.IadeAmount }},
	{"at", func(d *dayclose.Difference) string { return csvTime(d.At) }},
	{"notReadAgain", func(d *dayclose.Difference) string { return strconv.FormatBool(d.NotReadAgain) }},
	{"chargedTo", func(d *dayclose.Difference) string { return string(d.ChargedTo) }},
}

func dayCSV(d dayclose.Day) Response {
	header := make([]string, len(dayColumns))
	for i, column := range dayColumns {
		header[i] = column.name
	}
	return csvOf(header, len(d.Differences), func(i int, row []string) {
		for j, column := range dayColumns {
			row[j] = noFormula(column.value(&d.Differences[i]))
		}
	})
}
