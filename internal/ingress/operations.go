package ingress

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// Journal is what ingress needs of the journal. Errors are *payment.Error.
type Journal interface {
	// Find lists operations as they were recorded last, with the cursor of the next page, "" after the last. A page may be
	// empty and have one. Codes: invalid-request for a cursor that Find did not give, unavailable.
	Find(ctx context.Context, f journal.Filter, cursor string, limit int) ([]payment.Resource, string, error)
	// History gives every change of one operation, oldest first. Code: unavailable.
	History(ctx context.Context, operationID string) ([]payment.Record, error)
}

// operationsPage is the answer to GET /operations. It may be empty and still have a next page.
type operationsPage struct {
	Operations []payment.Resource `json:"operations"`
	NextCursor string             `json:"nextCursor,omitempty"`
}

// listOperations serves GET /operations: what is unfinished from the accounts, everything else from the journal.
func (a *API) listOperations(ctx context.Context, req Request, _ string) Response {
	var f faults
	q := readOperationsQuery(req.RawQuery, &f)
	if !f.none() {
		return invalid(&f)
	}
	var page operationsPage
	var err error
	switch {
	case q.open:
		page.Operations, page.NextCursor, err = a.openOperations(ctx, q)
	case a.Journal == nil:
		return noJournal()
	default:
		page.Operations, page.NextCursor, err = a.Journal.Find(ctx, q.filter, q.cursor, q.limit)
	}
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	if page.Operations == nil {
		page.Operations = []payment.Resource{}
	}
	if wantsCSV(req.Header) {
		return csvResponse(page, nextPage(req, page.NextCursor))
	}
	return jsonResponse(http.StatusOK, page)
}

func noJournal() Response {
	return newProblem(codeNotImplemented, "No journal is kept here (JOURNAL_TABLE_NAME): only unfinished operations can be listed, without other conditions.").response()
}

// restMark begins the cursor of a page that ends within one account's operations.
const restMark = "u."

// openOperations lists what is unfinished, a page in the order of the accounts' due times, within it by the time of
// acceptance. The service counts accounts; one with more operations than are left of the page is gone through by itself.
func (a *API) openOperations(ctx context.Context, q operationsQuery) ([]payment.Resource, string, error) {
	filter := payment.OperationFilter{Statuses: q.filter.Statuses}
	cursor, after := q.cursor, ""
	accounts := q.limit
	if rest, ours := strings.CutPrefix(cursor, restMark); ours {
		mark, of, _ := strings.Cut(rest, ".")
		position, err := base64.RawURLEncoding.DecodeString(mark)
		if err != nil || len(position) == 0 {
			return nil, "", &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: cursorRule}
		}
		cursor, after, accounts = of, string(position), 1
	}
	behind := func(op payment.Resource) bool {
		position := journal.PositionOf(op)
		return after != "" && (position == after || (position < after) == q.filter.Ascending)
	}
	for {
		found, next, err := a.Service.Operations(ctx, filter, cursor, accounts)
		if err != nil {
			return nil, "", err
		}
		found = slices.DeleteFunc(found, behind)
		slices.SortFunc(found, func(x, y payment.Resource) int {
			order := strings.Compare(journal.PositionOf(x), journal.PositionOf(y))
			if q.filter.Ascending {
				return order
			}
			return -order
		})
		switch {
		case len(found) <= q.limit:
			return found, next, nil
		case accounts == 1:
			found = found[:q.limit]
			mark := base64.RawURLEncoding.EncodeToString([]byte(journal.PositionOf(found[len(found)-1])))
			return found, restMark + mark + "." + cursor, nil
		}
		accounts = max(accounts/2, 1)
	}
}

// nextPage is the path of the page after this one, "" after the last.
func nextPage(req Request, cursor string) string {
	if cursor == "" {
		return ""
	}
	query, err := url.ParseQuery(req.RawQuery)
	if err != nil {
		return ""
	}
	query.Set("cursor", cursor)
	return req.Path + "?" + query.Encode()
}

// change is one line of an operation's history.
type change struct {
	At       time.Time               `json:"at"`
	From     string                  `json:"from"`
	To       string                  `json:"to"`
	Leg      int                     `json:"leg,omitempty"`
	Evidence *payment.RecordEvidence `json:"evidence,omitempty"`
	Actor    string                  `json:"actor"`
}

// getHistory serves GET /operations/{id}/history. An operation that was accepted a moment ago may have none yet.
func (a *API) getHistory(ctx context.Context, req Request, id string) Response {
	var f faults
	if readQuery(req.RawQuery, &f); !f.none() {
		return invalid(&f)
	}
	if _, ok := payment.AccountOf(id); !ok {
		return noSuchOperation()
	}
	if a.Journal == nil {
		return newProblem(codeNotImplemented, "No journal is kept here (JOURNAL_TABLE_NAME).").response()
	}
	ctx = withOperation(ctx, id)
	records, err := a.Journal.History(ctx, id)
	if err == nil && len(records) == 0 {
		_, err = a.Service.Operation(ctx, id)
	}
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	changes := make([]change, 0, len(records))
	for _, r := range records {
		changes = append(changes, change{r.At, r.From, r.To, r.Leg, r.Evidence, r.Actor})
	}
	return jsonResponse(http.StatusOK, map[string][]change{"changes": changes})
}
