package ingress

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/version"
)

// resource serves GET of one operation: 404 for the id of another kind, so that an id has one place only.
func resource(prefix string, kinds ...payment.Kind) func(*API, context.Context, Request, string) Response {
	return func(a *API, ctx context.Context, req Request, id string) Response {
		var f faults
		if readQuery(req.RawQuery, &f); !f.none() {
			return invalid(&f)
		}
		if _, ok := payment.AccountOf(id); !ok || !strings.HasPrefix(id, prefix) {
			return noSuchOperation()
		}
		ctx = withOperation(ctx, id)
		r, err := a.Service.Operation(ctx, id)
		if err != nil {
			return a.refuse(ctx, req, err)
		}
		if !slices.Contains(kinds, r.Kind) {
			return noSuchOperation()
		}
		a.showPage(ctx, req, &r)
		return jsonResponse(http.StatusOK, r)
	}
}

func noSuchOperation() Response {
	return newProblem(payment.CodeNotFound, "There is no such operation.").response()
}

func (a *API) getPayment(ctx context.Context, req Request, paymentID string) Response {
	var f faults
	query := readQuery(req.RawQuery, &f, "cursor", "refresh")
	skip, refresh := readSkip(query, &f), readRefresh(query, &f)
	if !f.none() {
		return invalid(&f)
	}
	if !payment.ValidIyzicoID(paymentID) {
		return newProblem(payment.CodeNotFound, "There is no such payment: a paymentId is 1 to 19 digits.").response()
	}
	read := a.Service.Payment
	if refresh {
		read = a.Service.RefreshPayment
	}
	view, err := read(ctx, paymentID, skip, req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, view)
}

// findPayment serves GET /payments?conversationId=…, which reads iyzico each time.
func (a *API) findPayment(ctx context.Context, req Request, _ string) Response {
	var f faults
	query := readQuery(req.RawQuery, &f, "conversationId", "cursor", "refresh")
	skip, conversationID := readSkip(query, &f), readConversationID(query, &f)
	readRefresh(query, &f)
	if !f.none() {
		return invalid(&f)
	}
	view, err := a.Service.PaymentByConversation(ctx, conversationID, skip, req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, view)
}

// getHealth says that the process answers. It touches nothing, so whatever a probe sends with it is of no interest.
func (a *API) getHealth(context.Context, Request, string) Response {
	return jsonResponse(http.StatusOK, map[string]string{"status": "ok", "version": version.String()})
}
