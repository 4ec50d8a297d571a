package ingress_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// FuzzCancelBody: a body is refused with 400 before anything is asked of the service, or it became a cancel of one payment
// that asks for nothing else.
func FuzzCancelBody(f *testing.F) {
	for _, body := range []string{
		`{"paymentId":"1"}`, `{"paymentId":"10000001","reason":"fraud","description":"d","ip":"::1","locale":"en","reference":"r"}`,
		`{"paymentId":1}`, `{"paymentId":"1","amount":"1"}`, `{"paymentId":"1","paymentId":"2"}`, `{"paymentId":"12345678901234567890"}`, `[]`, `{"paymentId":"1"} x`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service := &fakeService{result: succeeded()}
		api, log := loggingAPI(service)
		response := api.Handle(context.Background(), post("/cancels", string(body)))
		if log.Len() > 0 || !json.Valid(response.Body) {
			t.Fatalf("our bug: %s %s", log, response.Body)
		}
		if response.Status != http.StatusCreated {
			refusedByForm(t, service, response)
			return
		}
		c := service.command
		if c.Kind != payment.KindCancel || !payment.ValidIyzicoID(c.PaymentID) || c.Full || !c.Amount.IsZero() || c.LineID != "" || c.Currency != "" || c.Allocation != payment.AllocateNone {
			t.Errorf("a cancel of more than a payment: %+v", c)
		}
		if c.Description != "" && c.Reason == "" || c.Locale != "tr" && c.Locale != "en" || utf8.RuneCountInString(c.Reference) > 100 || utf8.RuneCountInString(c.Description) > 500 {
			t.Errorf("reason %q, description %q, locale %q, reference %q", c.Reason, c.Description, c.Locale, c.Reference)
		}
	})
}

// refusedByForm demands that a refusal says which fields are at fault, and that nobody was asked.
func refusedByForm(t *testing.T, service *fakeService, response ingress.Response) {
	t.Helper()
	if response.Status != http.StatusBadRequest && response.Status != http.StatusRequestEntityTooLarge || len(service.calls) > 0 {
		t.Fatalf("answer = %d %s, calls %v", response.Status, response.Body, service.calls)
	}
	var problem ingress.Problem
	if err := json.Unmarshal(response.Body, &problem); err != nil {
		t.Fatal(err)
	}
	if response.Status == http.StatusBadRequest && len(problem.Errors) == 0 || len(response.Body) > 32<<10 {
		t.Fatalf("%d bytes that name no field: %.300s", len(response.Body), response.Body)
	}
	for _, fault := range problem.Errors {
		if fault.Field == "" || fault.Message == "" || utf8.RuneCountInString(fault.Field) > 200 {
			t.Fatalf("fault %q %q", fault.Field, fault.Message)
		}
	}
}

// FuzzAmount: as a string and as a number an amount is refused, or both are read as one value that is exact to the minor
// unit and was written in the text.
func FuzzAmount(f *testing.F) {
	for _, text := range []string{"1", "10.50", "0.01", "1e2", "-1", "+1", "0", "0.001", "999999999999.99", "1000000000000", "12,5", "007", "1.", ".5", "1.10000000000", `1","full":"x`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		asText, status := readAmount(string(quoted))
		if status == http.StatusCreated {
			value := asText.Amount
			if value.Sign() <= 0 || !value.Equal(value.Floor()) || strings.Trim(text, "0123456789.") != "" {
				t.Fatalf("%q is read as %s", text, value.Decimal())
			}
			if written, _, _ := strings.Cut(value.String(), "."); !strings.Contains(text, written) {
				t.Fatalf("%q is read as %s", text, value)
			}
		}
		if !json.Valid([]byte(text)) || strings.Trim(text, "0123456789.") != "" || text == "" {
			return
		}
		asNumber, numberStatus := readAmount(text)
		if numberStatus != status || !asNumber.Amount.Equal(asText.Amount) {
			t.Fatalf("%s: %d %s as a number, %d %s as a string", text, numberStatus, asNumber.Amount, status, asText.Amount)
		}
	})
}

func readAmount(value string) (payment.Command, int) {
	service := &fakeService{result: succeeded()}
	response := newAPI(service).Handle(context.Background(), post("/refunds", `{"paymentId":"1","paymentTransactionId":"2","amount":`+value+`}`))
	return service.command, response.Status
}

// FuzzResolution: what an operator's command says is refused, or reaches the service as one of two decisions, with a reason
// and an author that are fit to be stored.
func FuzzResolution(f *testing.F) {
	for _, body := range []string{
		`{"decision":"succeeded","reason":"seen in the panel","by":"op-1"}`, `{"decision":"not_executed","reason":" ","by":"op 1"}`, `{"decision":"expired","reason":"r","by":"b"}`,
		`{"decision":"succeeded","reason":"r"}`, `{}`, `{"decision":"succeeded","reason":"\u0000","by":"ğ"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service := &fakeService{resource: refundResource(payment.StatusSucceeded)}
		api, log := loggingAPI(service)
		response := api.Handle(context.Background(), post("/operations/"+refundID+"/resolution", string(body)))
		if log.Len() > 0 || !json.Valid(response.Body) {
			t.Fatalf("our bug: %s %s", log, response.Body)
		}
		if response.Status != http.StatusOK {
			refusedByForm(t, service, response)
			return
		}
		if service.decision != payment.DecideSucceeded && service.decision != payment.DecideNotExecuted || service.id != refundID ||
			strings.TrimSpace(service.reason) == "" || utf8.RuneCountInString(service.reason) > 500 || strings.ContainsAny(service.reason, "\x00\n\r") ||
			service.by == "" || len(service.by) > 100 || strings.ContainsAny(service.by, " \t\n") {
			t.Errorf("%s: decision %q, reason %q, by %q", service.id, service.decision, service.reason, service.by)
		}
	})
}

// FuzzListQuery: a query of the list of operations is refused, or reaches service or journal with statuses that are known and
// a cursor as it was written, or the part of it that is the service's.
func FuzzListQuery(f *testing.F) {
	for _, query := range []string{
		"", "status=unknown", "status=succeeded", "cursor=abc", "cursor=abc&status=needs_review", "cursor=a&cursor=b", "limit=1", "cursor=%00", "%zz", "status=;cursor=1",
		"status=succeeded,unfinished", "from=2026-03-01&to=2026-03-01", "from=2026-03-01T00:00:00%2B03:00", "kind=cancel&order=asc&limit=200", "reference=%C3%BC", "cursor=u.YQ.abc&limit=1",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		service := &fakeService{page: []payment.Resource{refundResource(payment.StatusUnknown)}, next: "more"}
		found := &fakeJournal{}
		api, log := loggingAPI(service)
		api.Journal = found
		response := api.Handle(context.Background(), get("/operations", query))
		if log.Len() > 0 || !json.Valid(response.Body) {
			t.Fatalf("our bug: %s %s", log, response.Body)
		}
		if response.Status != http.StatusOK {
			refusedByForm(t, service, response)
			return
		}
		values, err := url.ParseQuery(query)
		if err != nil || len(service.calls)+found.finds != 1 {
			t.Fatalf("%q: %v, %d finds, %v", query, service.calls, found.finds, err)
		}
		for name, all := range values {
			if len(all) > 1 {
				t.Fatalf("%q: %s is there %d times", query, name, len(all))
			}
		}
		cursor, statuses, limit := found.cursor, found.filter.Statuses, found.limit
		if found.finds == 0 {
			cursor, statuses, limit = service.cursor, service.filter.Statuses, service.limit
		}
		if !strings.HasSuffix(values.Get("cursor"), cursor) || limit < 1 || limit > 200 {
			t.Fatalf("%q: cursor %q, limit %d", query, cursor, limit)
		}
		for _, status := range statuses {
			if !slices.Contains(payment.Statuses(), status) || found.finds == 0 && !status.Unfinished() {
				t.Fatalf("%q: status %q", query, status)
			}
		}
	})
}
