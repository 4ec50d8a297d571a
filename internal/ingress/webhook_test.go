package ingress_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// fakeNotices verifies the signature "good".
type fakeNotices struct {
	err    error
	panics bool
}

func (n fakeNotices) Read(_ context.Context, body []byte, signature string) (payment.Notice, bool, error) {
	if n.panics {
		panic("the notice broke it")
	}
	return payment.Notice{PaymentID: string(body), Retried: true}, signature == "good" && len(body) > 0, n.err
}

func noticed(body, signature string) ingress.Request {
	req := post("/iyzico-webhook", body)
	req.Header = http.Header{}
	if signature != "" {
		req.Header.Set("X-IYZ-SIGNATURE-V3", signature)
	}
	return req
}

// TestWhateverComesToTheWebhookGetsOneAnswer is the stranger's view, and that of who can sign: one answer, byte for byte.
func TestWhateverComesToTheWebhookGetsOneAnswer(t *testing.T) {
	t.Parallel()
	away := &payment.Error{Code: payment.CodeUnavailable, Message: "canary", Cause: errors.New("the table is away")}
	twice := noticed("42", "good")
	twice.Header.Add("X-IYZ-SIGNATURE-V3", "good")
	large, broken := noticed("", "good"), noticed("", "good")
	large.TooLarge, broken.Unreadable = true, true
	var first *ingress.Response
	for name, c := range map[string]struct {
		req     ingress.Request
		notices ingress.Notices
		service *fakeService
		hints   bool
		logged  string
	}{
		"taken":             {noticed("42", "good"), fakeNotices{}, &fakeService{}, true, "paymentId=42"},
		"forged":            {noticed("42", "forged"), fakeNotices{}, &fakeService{}, false, ""},
		"no signature":      {noticed("42", ""), fakeNotices{}, &fakeService{}, false, ""},
		"two signatures":    {twice, fakeNotices{}, &fakeService{}, false, ""},
		"no body":           {noticed("", "good"), fakeNotices{}, &fakeService{}, false, ""},
		"too large":         {large, fakeNotices{}, &fakeService{}, false, ""},
		"not whole":         {broken, fakeNotices{}, &fakeService{}, false, ""},
		"not read here":     {noticed("42", "good"), nil, &fakeService{}, false, ""},
		"keys unreadable":   {noticed("42", "good"), fakeNotices{err: errors.New("no keys")}, &fakeService{}, false, "no keys"},
		"a bug in reading":  {noticed("42", "good"), fakeNotices{panics: true}, &fakeService{}, false, "panicked"},
		"a bug in taking":   {noticed("42", "good"), fakeNotices{}, &fakeService{panics: "broken"}, true, "panicked"},
		"the store is away": {noticed("42", "good"), fakeNotices{}, &fakeService{err: away}, true, "the table is away"},
	} {
		var log bytes.Buffer
		api := &ingress.API{Service: c.service, Notices: c.notices, Log: slog.New(slog.NewTextHandler(&log, nil))}
		response := api.Handle(t.Context(), c.req)
		if first == nil {
			first = &response
		}
		if response.Status != http.StatusNoContent || len(response.Body) > 0 || !reflect.DeepEqual(response, *first) {
			t.Errorf("%s: %+v, another got %+v", name, response, *first)
		}
		if slices.Contains(c.service.calls, "Hint") != c.hints || c.hints && (c.service.notice.PaymentID != "42" || !c.service.notice.Retried) {
			t.Errorf("%s: calls %v, notice %+v", name, c.service.calls, c.service.notice)
		}
		if said := log.String(); c.logged == "" && said != "" || !strings.Contains(said, c.logged) {
			t.Errorf("%s: logged %q", name, said)
		}
	}
}
