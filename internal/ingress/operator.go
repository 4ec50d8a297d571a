package ingress

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/iade/iade/internal/payment"
)

// The longest reason and author of a decision, in characters.
const (
	maxDecisionReason = 500
	maxDecisionBy     = 100
)

// decision is what an operator says about one operation.
type decision struct {
	operationID string
	decision    payment.Decision
	reason      string
	by          string
}

// readDecision reads {"decision","reason","by"}, all of them needed.
func readDecision(f *form) decision {
	words := []payment.Decision{payment.DecideSucceeded, payment.DecideNotExecuted}
	return decision{
		decision: payment.Decision(f.needed("decision", oneOfRule(words), func(s string) bool {
			return s == string(payment.DecideSucceeded) || s == string(payment.DecideNotExecuted)
		})),
		reason: f.needed("reason", fmt.Sprintf("must be a string of 1 to %d characters without control characters", maxDecisionReason),
			func(s string) bool { return strings.TrimSpace(s) != "" && isProse(s, maxDecisionReason) }),
		by: f.needed("by", fmt.Sprintf("must be an opaque id of 1 to %d visible ASCII characters", maxDecisionBy),
			func(s string) bool { return utf8.ValidString(s) && visibleASCII(s, maxDecisionBy) }),
	}
}

// checkOperation serves POST /operations/{id}/check. It takes no body; an empty object is taken for none.
func (a *API) checkOperation(ctx context.Context, req Request, id string) Response {
	if response, refused := refuseContent(req); refused {
		return response
	}
	return a.check(ctx, req, id)
}

// refuseContent refuses a request to a route that takes neither a body nor a query, if it has one. An empty object is none.
func refuseContent(req Request) (Response, bool) {
	var f faults
	if req.TooLarge || req.Unreadable || len(bytes.TrimSpace(req.Body)) > 0 {
		if response, refused := refuseMedia(req); refused {
			return response, true
		}
		if root, ok := readBody(req, &f); ok {
			newForm("", root, &f).end()
		}
	}
	if readQuery(req.RawQuery, &f); !f.none() {
		return invalid(&f), true
	}
	return Response{}, false
}

func (a *API) check(ctx context.Context, req Request, id string) Response {
	if _, ok := payment.AccountOf(id); !ok {
		return noSuchOperation()
	}
	ctx = withOperation(ctx, id)
	r, err := a.Service.Check(ctx, id, req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, r)
}

// resolveOperation serves POST /operations/{id}/resolution.
func (a *API) resolveOperation(ctx context.Context, req Request, id string) Response {
	if response, refused := refuseMedia(req); refused {
		return response
	}
	var f faults
	readQuery(req.RawQuery, &f)
	var d decision
	if root, ok := readBody(req, &f); ok {
		body := newForm("", root, &f)
		d = readDecision(body)
		body.end()
	}
	if !f.none() {
		return invalid(&f)
	}
	d.operationID = id
	return a.resolve(ctx, req, d)
}

func (a *API) resolve(ctx context.Context, req Request, d decision) Response {
	if _, ok := payment.AccountOf(d.operationID); !ok {
		return noSuchOperation()
	}
	ctx = withOperation(ctx, d.operationID)
	r, err := a.Service.Resolve(ctx, d.operationID, d.decision, d.reason, d.by, req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, r)
}
