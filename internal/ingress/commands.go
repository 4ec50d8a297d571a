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
		cmd, dryRun := a.readCommand(req, kind, &f)
		a.checkReturnURL(cmd, &f)
		if !f.none() {
			return invalid(&f)
		}
		if cmd.Kind == payment.KindBalanceRefund && a.Pages == nil {
			return balanceNotSetUp()
		}
		if dryRun {
			preview, err := a.Service.Preview(ctx, cmd, req.Until)
			if err != nil {
				return a.refuse(ctx, req, err)
			}
			return jsonResponse(http.StatusOK, preview)
		}
		ctx = withOperation(ctx, cmd.OperationID())
		result, err := a.Service.Request(ctx, cmd, req.Until, false)
		if err != nil {
			return a.refuse(ctx, req, err)
		}
		a.showPage(ctx, req, &result.Resource)
		response, err := resultResponse(result)
		if err != nil {
			return a.refuse(ctx, req, err)
		}
		return response
	}
}

// readCommand reads body and key, adding every fault of both. The key of a dry run is not looked at.
func (a *API) readCommand(req Request, kind payment.Kind, f *faults) (cmd payment.Command, dryRun bool) {
	readQuery(req.RawQuery, f)
	root, ok := readBody(req, f)
	if !ok {
		readKey(req, nil, f)
		return payment.Command{}, false
	}
	body := newForm("", root, f)
	switch kind {
	case payment.KindCancel:
		cmd = readCancel(body)
	case payment.KindFundPayment:
		cmd = readFundPayment(body, a.LoopbackCallbacks)
	case payment.KindRefund, payment.KindBalanceRefund:
		cmd, dryRun = readRefund(body)
	}
	cmd.Interactive = !req.Queued && !background(req.Header)
	switch {
	case !dryRun:
		cmd.Key = readKey(req, body, f)
	case req.KeyMember != "":
		body.ask(req.KeyMember)
	}
	body.end()
	return cmd, dryRun
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
