package ingress

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// operationsPerPage is how many operations GET /operations lists at once if it is not told.
const operationsPerPage = 50

// wordUnfinished stands for every status that has an end ahead of it.
const wordUnfinished = "unfinished"

// operationsQuery is what GET /operations was asked for.
type operationsQuery struct {
	filter journal.Filter
	open   bool // only what is unfinished, and nothing else is asked: the accounts themselves know that best
	cursor string
	limit  int
}

// readOperationsQuery reads the parameters of GET /operations, adding every fault.
func readOperationsQuery(raw string, f *faults) operationsQuery {
	query := readQuery(raw, f, "status", "kind", "from", "to", "paymentId", "reference", "order", "cursor", "limit")
	q := operationsQuery{filter: journal.Filter{
		Statuses: readStatuses(query, f), Kind: readWord(query, f, "kind", payment.Kinds()),
		From: readTime(query, f, "from", false), To: readTime(query, f, "to", true),
		PaymentID: query.Get("paymentId"), Reference: query.Get("reference"),
	}}
	if query.Has("paymentId") && !payment.ValidIyzicoID(q.filter.PaymentID) {
		f.add("paymentId", iyzicoIDRule)
	}
	if query.Has("reference") && (q.filter.Reference == "" || !isProse(q.filter.Reference, maxReference)) {
		f.add("reference", fmt.Sprintf("must be 1 to %d characters without control characters", maxReference))
	}
	if from, to := q.filter.From, q.filter.To; !from.IsZero() && !to.IsZero() && !from.Before(to) {
		f.add("to", "must be later than from")
	}
	q.filter.Ascending = readWord(query, f, "order", []string{"asc", "desc"}) == "asc"
	q.cursor, q.limit = readCursor(query, f), readLimit(query, f)
	ends := func(s payment.Status) bool { return !s.Unfinished() }
	q.open = !slices.ContainsFunc(q.filter.Statuses, ends) && q.filter.Kind == "" && q.filter.PaymentID == "" && q.filter.Reference == "" &&
		q.filter.From.IsZero() && q.filter.To.IsZero()
	return q
}

func readLimit(query url.Values, f *faults) int {
	if !query.Has("limit") {
		return operationsPerPage
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > journal.MostListed {
		f.add("limit", fmt.Sprintf("must be a whole number from 1 to %d", journal.MostListed))
	}
	return limit
}

// readStatuses reads a comma list; none means all.
func readStatuses(query url.Values, f *faults) []payment.Status {
	if !query.Has("status") {
		return nil
	}
	var asked []payment.Status
	for word := range strings.SplitSeq(query.Get("status"), ",") {
		switch status := payment.Status(word); {
		case word == wordUnfinished:
			asked = append(asked, unfinishedStatuses()...)
		case slices.Contains(payment.Statuses(), status):
			asked = append(asked, status)
		default:
			f.add("status", "must be a comma list of "+strings.TrimPrefix(oneOfRule(append(payment.Statuses(), wordUnfinished)), "must be one of "))
			return nil
		}
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

func unfinishedStatuses() []payment.Status {
	return slices.DeleteFunc(payment.Statuses(), func(s payment.Status) bool { return !s.Unfinished() })
}

// readWord reads one of a few words; absent reads as "".
func readWord[T ~string](query url.Values, f *faults, name string, words []T) T {
	if !query.Has(name) {
		return ""
	}
	word := T(query.Get(name))
	if !slices.Contains(words, word) {
		f.add(name, oneOfRule(words))
	}
	return word
}

// readTime reads a moment, or a day of Istanbul: its beginning, or as an end the beginning of the next one.
func readTime(query url.Values, f *faults, name string, end bool) time.Time {
	if !query.Has(name) {
		return time.Time{}
	}
	text := query.Get(name)
	if from, to, err := payment.IstanbulDayBounds(text); err == nil {
		if end {
			return to
		}
		return from
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1 || at.Year() > 9999 {
		f.add(name, "must be a day in Istanbul like 2026-01-31, or a time like 2026-01-31T12:00:00Z (a + in it written as %2B)")
		return time.Time{}
	}
	return at.UTC()
}
