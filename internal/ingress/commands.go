package ingress

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// command serves the POST route of one kind. The order of checks is the contract's: 415, 413, 400, and then the service.
func command(kind payment.Kind) func(*API, context.Context, Request, string) Response {
	return func(a *API, ctx context.Context, req Request, _ string) Response {
		if response, refused := refuseMedia(req); refused {
			return response
		}
		var f faults
		cmd := a.readCommand(req, kind, keyed, &f)
		a.checkReturnURL(cmd, &f)
		if !f.none() {
			return invalid(&f)
		}
		if cmd.Kind == payment.KindBalanceRefund && a.Pages == nil {
			return balanceNotSetUp()
		}
		ctx = withOperation(ctx, cmd.OperationID())
		result, err := a.Service.Request(ctx, cmd, req.Until, payment.RecordNone)
		if err != nil {
			response := a.refuse(ctx, req, err)
			if result.Known && !result.Sent {
				setReplayed(response)
			}
			return response
		}
		a.showPage(ctx, req, &result.Resource)
		response, err := resultResponse(result)
		if err != nil {
			return a.refuse(ctx, req, err)
		}
		return response
	}
}

// previewRefund serves POST /refunds/preview: what the same body would do at POST /refunds. A key is not looked at.
func (a *API) previewRefund(ctx context.Context, req Request, _ string) Response {
	if response, refused := refuseMedia(req); refused {
		return response
	}
	var f faults
	cmd := a.readCommand(req, payment.KindRefund, keyless, &f)
	a.checkReturnURL(cmd, &f)
	if !f.none() {
		return invalid(&f)
	}
	if cmd.Kind == payment.KindBalanceRefund && a.Pages == nil {
		return balanceNotSetUp()
	}
	preview, err := a.Service.Preview(ctx, cmd, req.Until)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	return jsonResponse(http.StatusOK, preview)
}

// Whether a command's idempotency key is read.
const (
	keyed   = true
	keyless = false
)

// commandReaders reads the body of each kind of command. A kind without a row has no route.
var commandReaders = map[payment.Kind]func(*API, *form) payment.Command{
	payment.KindRefund:      func(_ *API, f *form) payment.Command { return readRefund(f) },
	payment.KindCancel:      func(_ *API, f *form) payment.Command { return readWhole(f, payment.KindCancel) },
	payment.KindReversal:    func(_ *API, f *form) payment.Command { return readWhole(f, payment.KindReversal) },
	payment.KindFundPayment: func(a *API, f *form) payment.Command { return readFundPayment(f, a.LoopbackCallbacks) },
}

// readCommand reads body and key, adding every fault of both.
func (a *API) readCommand(req Request, kind payment.Kind, withKey bool, f *faults) payment.Command {
	readQuery(req.RawQuery, f)
	root, ok := readBody(req, f)
	if !ok {
		if withKey {
			readKey(req, nil, f)
		}
		return payment.Command{}
	}
	body := newForm("", root, f)
	if req.KeyMember != "" {
		kind = readKind(body, kind)
	}
	cmd := commandReaders[kind](a, body)
	cmd.Interactive = !req.Queued && !background(req.Header)
	if withKey {
		cmd.Key = readKey(req, body, f)
	}
	body.end()
	return cmd
}

// alsoTaken are the kinds of command that a function and its queue carry out beside their own.
var alsoTaken = map[payment.Kind][]payment.Kind{payment.KindCancel: {payment.KindReversal}}

// readKind is the kind of a command that no route and no event names: the function's or the queue's own, or the one in its
// member kind.
func readKind(f *form, own payment.Kind) payment.Kind {
	others := alsoTaken[own]
	if len(others) == 0 {
		return own
	}
	if kind := oneOf(f, "kind", append([]payment.Kind{own}, others...)...); kind != "" {
		return kind
	}
	return own
}

// readBody reads the body's JSON object.
func readBody(req Request, f *faults) (node, bool) {
	if req.Unreadable {
		f.add(bodyField, "must arrive whole and, in an event, be base64 where the event says so")
		return node{}, false
	}
	return readObject(req.Body, f)
}

// refuseMedia answers a body that is not JSON (415) or too large (413), in this order.
func refuseMedia(req Request) (Response, bool) {
	if !isJSON(req.Header.Values("Content-Type")) {
		return newProblem(codeUnsupportedMedia, "").response(), true
	}
	if req.TooLarge || len(req.Body) > MaxBodyBytes {
		return newProblem(codeTooLarge, "").response(), true
	}
	return Response{}, false
}

// isJSON takes application/json alone, with no parameter but a charset that says UTF-8.
func isJSON(contentTypes []string) bool {
	if len(contentTypes) != 1 {
		return false
	}
	mediaType, params, err := mime.ParseMediaType(contentTypes[0])
	if err != nil || mediaType != "application/json" {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}
