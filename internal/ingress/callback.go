package ingress

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Pages reads what was signed and sealed for a refund to balance.
type Pages interface {
	// Verify gives the operation whose callback a state belongs to; ok is false for everything else. An error says that
	// it cannot be told now.
	Verify(ctx context.Context, state string, now time.Time) (operationID string, ok bool, err error)
	// Open gives the readable url of an operation's page at iyzico.
	Open(ctx context.Context, operationID, sealed string) (string, error)
}

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 512

// balanceCallback serves the customer's browser that iyzico sends back. What comes with it proves only that somebody knew
// the token. Everything that does not verify is answered with one page, byte for byte, and changes nothing.
func (a *API) balanceCallback(ctx context.Context, req Request, state string) Response {
	token, ok := readToken(req)
	if a.Pages == nil || !ok {
		return notFoundPage()
	}
	operationID, ok, err := a.Pages.Verify(ctx, state, time.Now())
	if err != nil {
		a.logger().ErrorContext(ctx, "a customer's return could not be verified", "requestId", req.ID, "error", err.Error())
		return unavailablePage()
	}
	if !ok {
		return notFoundPage()
	}
	ctx = withOperation(ctx, operationID)
	resource, err := a.Service.Return(ctx, operationID, payment.HashToken(token))
	switch {
	case payment.CodeOf(err) == payment.CodeNotFound:
		return notFoundPage()
	case err != nil:
		a.logger().ErrorContext(ctx, "a customer's return could not be recorded", "requestId", req.ID, "operationId", operationID, "error", payment.WithCause(err).Error())
		return unavailablePage()
	}
	if resource.ReturnURL != "" && a.mayReturnTo(resource.ReturnURL) {
		return seeOther(withResult(resource.ReturnURL, resource.ID, resource.Status))
	}
	return statusPage(resource, pageLanguage(resource.PageLocale, req.Header.Values("Accept-Language")))
}

// readToken finds iyzico's token in the query, a form or a JSON object: how it comes is not documented (docs/iyzico.md §3.4).
// Other fields are of no interest. Two tokens that differ are none.
func readToken(req Request) (string, bool) {
	if req.TooLarge || req.Unreadable || len(req.Body) > MaxBodyBytes {
		return "", false
	}
	// What of a query or form is malformed reads as absent.
	query, _ := url.ParseQuery(req.RawQuery)
	found := query["token"]
	if req.Method == http.MethodPost && len(req.Body) > 0 {
		inBody, ok := bodyTokens(req)
		if !ok {
			return "", false
		}
		found = append(found, inBody...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) != 1 || !visibleASCII(found[0], maxToken) {
		return "", false
	}
	return found[0], true
}

// bodyTokens reads a form or a JSON object. Other media types have no place for a token.
func bodyTokens(req Request) ([]string, bool) {
	types := req.Header.Values("Content-Type")
	if len(types) != 1 {
		return nil, false
	}
	mediaType, _, err := mime.ParseMediaType(types[0])
	if err != nil {
		return nil, false
	}
	switch mediaType {
	case "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(req.Body))
		return form["token"], true
	case "application/json":
		var object map[string]json.RawMessage
		if json.Unmarshal(req.Body, &object) != nil || object == nil {
			return nil, false
		}
		if value, given := object["token"]; given {
			return []string{textOf(value)}, true
		}
		return nil, true
	}
	return nil, false
}

// showPage fills in the url of iyzico's page for the caller who asked for the refund. Without the key the member stays
// absent: the refund goes on, and the log says why.
func (a *API) showPage(ctx context.Context, req Request, r *payment.Resource) {
	if a.Pages == nil || r.SealedURL == "" {
		return
	}
	pageURL, err := a.Pages.Open(ctx, r.ID, r.SealedURL)
	if err != nil {
		a.logger().ErrorContext(ctx, "the url of iyzico's page cannot be shown", "requestId", req.ID, "operationId", r.ID, "error", err.Error())
		return
	}
	r.RedirectURL = pageURL
}
