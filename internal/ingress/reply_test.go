package ingress_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// constantsOf reads the values of all constants of one type from a source file of the domain, so that a new one cannot
// stay without an answer.
func constantsOf(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../payment/"+file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if ident, ok := spec.Type.(*ast.Ident); !ok || ident.Name != typeName {
			return true
		}
		for _, value := range spec.Values {
			if literal, ok := value.(*ast.BasicLit); ok {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("no constants of type %s in %s", typeName, file)
	}
	return values
}

const refundBody = `{"paymentId":"10000001","amount":"10.50"}`

func TestEveryCodeHasItsAnswer(t *testing.T) {
	t.Parallel()
	type answer struct {
		status     int
		retryAfter string
		replayed   string
	}
	want := map[string]answer{
		"invalid-request":        {400, "", ""},
		"not-found":              {404, "", ""},
		"in-progress":            {409, "2", "true"},
		"ambiguous":              {409, "", ""},
		"idempotency-key-reused": {422, "", "true"},
		"exceeds-refundable":     {422, "", ""},
		"not-refundable":         {422, "", ""},
		"not-cancellable":        {422, "", ""},
		"line-not-found":         {422, "", ""},
		"currency-mismatch":      {422, "", ""},
		"allocation-required":    {422, "", ""},
		"too-many-operations":    {422, "", ""},
		"over-limit":             {422, "", ""},
		"not-resolvable":         {422, "", ""},
		"rate-limited":           {429, "30", ""},
		"unavailable":            {503, "10", ""},
		"internal":               {500, "", ""},
	}
	codes := constantsOf(t, "errors.go", "Code")
	if len(codes) != len(want) {
		t.Errorf("%d codes, %d rows", len(codes), len(want))
	}
	for _, code := range codes {
		for name, err := range map[string]error{
			"as it is": &payment.Error{Code: payment.Code(code), Message: "said so"},
			"wrapped":  fmt.Errorf("read payment 1: %w", &payment.Error{Code: payment.Code(code), Message: "said so"}),
		} {
			service := &fakeService{err: err}
			response := newAPI(service).Handle(context.Background(), post("/refunds", refundBody))
			slug, problem := problemOf(t, response)
			got := answer{response.Status, response.Header.Get("Retry-After"), response.Header.Get("Idempotent-Replayed")}
			if slug != code || got != want[code] {
				t.Errorf("%s %s: %s %+v, want %+v", code, name, slug, got, want[code])
			}
			if said := problem.Detail == "said so"; said != (code != "internal") {
				t.Errorf("%s %s: detail %q", code, name, problem.Detail)
			}
		}
	}
}

func TestEveryStatusHasItsAnswer(t *testing.T) {
	t.Parallel()
	type answer struct {
		status     int
		slug       string
		location   string
		retryAfter string
	}
	const at = "/refunds/" + refundID
	type row struct{ sent, replayed answer }
	same := func(a answer) row { return row{a, a} }
	done := row{answer{201, "", at, ""}, answer{200, "", "", ""}}
	want := map[string]row{
		"succeeded":           done,
		"partially_succeeded": same(answer{207, "", at, ""}),
		"awaiting_customer":   done,
		"awaiting_merchant":   done,
		"processing":          same(answer{202, "", at, "2"}),
		"unknown":             same(answer{202, "", at, "30"}),
		"needs_review":        same(answer{202, "", at, "60"}),
		"in_review":           same(answer{202, "", at, "60"}),
		"rejected":            same(answer{422, "rejected-by-iyzico", "", ""}),
		"not_executed":        same(answer{422, "not-executed", "", ""}),
		"expired":             same(answer{422, "not-executed", "", ""}),
		"not_sent":            same(answer{503, "unavailable", "", "10"}),
	}
	statuses := constantsOf(t, "status.go", "Status")
	if len(statuses) != len(want) {
		t.Errorf("%d statuses, %d rows", len(statuses), len(want))
	}
	for _, status := range statuses {
		for _, sent := range []bool{true, false} {
			for _, known := range []bool{true, false} {
				result := payment.Result{Resource: refundResource(payment.Status(status)), Sent: sent, Known: known}
				response := newAPI(&fakeService{result: result}).Handle(context.Background(), post("/refunds", refundBody))
				expected := want[status].replayed
				if sent {
					expected = want[status].sent
				}
				got := answer{response.Status, "", response.Header.Get("Location"), response.Header.Get("Retry-After")}
				operation := &payment.Resource{}
				if response.Status >= 400 {
					var slug string
					slug, problem := problemOf(t, response)
					got.slug, operation = slug, problem.Operation
				} else {
					checkCommonHeaders(t, response)
					if err := json.Unmarshal(response.Body, operation); err != nil || response.Header.Get("Content-Type") != "application/json" {
						t.Errorf("%s: %v, %v", status, err, response.Header)
					}
				}
				if got != expected {
					t.Errorf("%s sent=%v: %+v, want %+v", status, sent, got, expected)
				}
				if operation == nil || operation.ID != refundID || string(operation.Status) != status {
					t.Errorf("%s: operation %+v", status, operation)
				}
				if replayed := response.Header.Get("Idempotent-Replayed") == "true"; replayed != (known && !sent) {
					t.Errorf("%s sent=%v known=%v: replayed %v", status, sent, known, replayed)
				}
			}
		}
	}
}

func TestAStatusWithoutARowIsOurBug(t *testing.T) {
	t.Parallel()
	api, log := loggingAPI(&fakeService{result: payment.Result{Resource: refundResource("lost")}})
	slug, _ := problemOf(t, api.Handle(context.Background(), post("/refunds", refundBody)))
	if slug != "internal" || !strings.Contains(log.String(), refundID) {
		t.Errorf("%s, log %s", slug, log)
	}
}

func TestLocationKnowsEveryKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[payment.Kind]string{
		payment.KindRefund: "/refunds/x", payment.KindBalanceRefund: "/refunds/x", payment.KindCancel: "/cancels/x", payment.KindFundPayment: "/fund-payments/x",
	} {
		result := payment.Result{Resource: payment.Resource{ID: "x", Kind: kind, Status: payment.StatusSucceeded}, Sent: true}
		response := newAPI(&fakeService{result: result}).Handle(context.Background(), post("/refunds", refundBody))
		if got := response.Header.Get("Location"); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

func TestIyzicosRefusalIsShownWhole(t *testing.T) {
	t.Parallel()
	retryable := true
	result := payment.Result{
		Resource: refundResource(payment.StatusRejected), Sent: true,
		Failure: &payment.Failure{Reason: "refused", Code: "10051", Message: "Kart limiti yetersiz, yetersiz bakiye", Group: "NOT_SUFFICIENT_FUNDS", Retryable: &retryable},
	}
	_, problem := problemOf(t, newAPI(&fakeService{result: result}).Handle(context.Background(), post("/refunds", refundBody)))
	i := problem.Iyzico
	if i == nil || i.ErrorCode != "10051" || i.ErrorMessage != result.Failure.Message || i.ErrorGroup != "NOT_SUFFICIENT_FUNDS" || i.Retryable == nil || !*i.Retryable {
		t.Errorf("iyzico = %+v", i)
	}
	result.Failure, result.Resource.Error = nil, &payment.ErrorView{Code: "10051", Message: "no"}
	_, problem = problemOf(t, newAPI(&fakeService{result: result}).Handle(context.Background(), post("/refunds", refundBody)))
	if i := problem.Iyzico; i == nil || i.ErrorCode != "10051" || i.ErrorMessage != "no" || i.Retryable != nil {
		t.Errorf("iyzico of the resource alone = %+v", i)
	}
}

func TestARefusalByARuleKeepsItsSlug(t *testing.T) {
	t.Parallel()
	resource := refundResource(payment.StatusRejected)
	resource.Legs, resource.Error = nil, &payment.ErrorView{Code: "exceeds-refundable", Message: "5.00 is left"}
	response := newAPI(&fakeService{result: payment.Result{Resource: resource, Known: true}}).Handle(context.Background(), post("/refunds", refundBody))
	slug, problem := problemOf(t, response)
	if response.Status != http.StatusUnprocessableEntity || slug != "exceeds-refundable" || problem.Detail != "5.00 is left" || problem.Operation == nil || problem.Iyzico != nil {
		t.Errorf("answer = %s", response.Body)
	}
	if response.Header.Get("Idempotent-Replayed") != "true" {
		t.Error("not marked as replayed")
	}

	resource.Legs = refundResource(payment.StatusRejected).Legs
	slug, _ = problemOf(t, newAPI(&fakeService{result: payment.Result{Resource: resource}}).Handle(context.Background(), post("/refunds", refundBody)))
	if slug != "rejected-by-iyzico" {
		t.Errorf("an operation with legs = %s", slug)
	}
}

func TestNotSentOverTheRateLimitIs429(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		reason     string
		retryAfter time.Duration
		status     int
		want       string
	}{
		{"rate-limited", 0, 429, "30"}, {"rate-limited", 41500 * time.Millisecond, 429, "42"}, {"rate-limited", time.Millisecond, 429, "1"},
		{"unreachable", 0, 503, "10"}, {"unreachable", 3 * time.Second, 503, "3"}, {"unreachable", -time.Second, 503, "10"},
	} {
		result := payment.Result{
			Resource: refundResource(payment.StatusNotSent), Sent: true, RetryAfter: tc.retryAfter, Failure: &payment.Failure{Reason: tc.reason},
		}
		response := newAPI(&fakeService{result: result}).Handle(context.Background(), post("/refunds", refundBody))
		if _, problem := problemOf(t, response); response.Status != tc.status || response.Header.Get("Retry-After") != tc.want || problem.Operation == nil {
			t.Errorf("%+v: %d, Retry-After %s", tc, response.Status, response.Header.Get("Retry-After"))
		}
	}
}

func TestAnErrorsExtrasReachTheCaller(t *testing.T) {
	t.Parallel()
	refundable := money.MinorUnits(525, money.TRY)
	operation := refundResource(payment.StatusSucceeded)
	lines := []payment.LineView{{PaymentTransactionID: "20000001", PaidAmount: "1.00", RefundableAmount: "1.00"}}
	service := &fakeService{err: &payment.Error{
		Code: payment.CodeExceedsRefundable, Message: "only 5.25 is left", OperationID: refundID, Operation: &operation,
		Refundable: &refundable, Lines: lines, RetryAfter: time.Minute,
	}}
	response := newAPI(service).Handle(context.Background(), post("/refunds", refundBody))
	_, problem := problemOf(t, response)
	if problem.Refundable != "5.25" || problem.OperationID != refundID || problem.Operation == nil || len(problem.Lines) != 1 {
		t.Errorf("problem = %s", response.Body)
	}
	if response.Header.Get("Retry-After") != "" {
		t.Error("a rule's refusal has no Retry-After")
	}

	service.err = &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: "must be one of ours"}
	_, problem = problemOf(t, newAPI(service).Handle(context.Background(), get("/operations", "cursor=x")))
	if len(problem.Errors) != 1 || problem.Errors[0].Field != "cursor" || problem.Errors[0].Message != "must be one of ours" {
		t.Errorf("errors = %+v", problem.Errors)
	}
}

func TestTheCauseGoesToTheLogOnceAndNeverToTheCaller(t *testing.T) {
	t.Parallel()
	const cause = "dial tcp 10.0.0.7:443"
	for name, err := range map[string]error{
		"foreign error": errors.New(cause),
		"internal":      &payment.Error{Code: payment.CodeInternal, Message: "broken", Cause: errors.New(cause)},
		"unlisted code": &payment.Error{Code: "brand-new", Message: "what is this", Cause: errors.New(cause)},
		"unavailable":   &payment.Error{Code: payment.CodeUnavailable, Message: "not saved", Cause: errors.New(cause)},
	} {
		api, log := loggingAPI(&fakeService{err: err})
		response := api.Handle(context.Background(), post("/refunds", refundBody))
		wantStatus := http.StatusInternalServerError
		if name == "unavailable" {
			wantStatus = http.StatusServiceUnavailable
		}
		if response.Status != wantStatus || strings.Contains(string(response.Body), cause) {
			t.Errorf("%s: %d %s", name, response.Status, response.Body)
		}
		if strings.Count(log.String(), cause) != 1 || strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "requestId=req-1") {
			t.Errorf("%s: log %s", name, log)
		}
	}
	api, log := loggingAPI(&fakeService{err: &payment.Error{Code: payment.CodeNotFound, Message: "no"}})
	if api.Handle(context.Background(), post("/refunds", refundBody)); log.Len() > 0 {
		t.Errorf("an ordinary refusal was logged: %s", log)
	}
}

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	api, log := loggingAPI(&fakeService{panics: "broken invariant"})
	response := api.Handle(context.Background(), post("/refunds", refundBody))
	slug, _ := problemOf(t, response)
	if slug != "internal" || strings.Contains(string(response.Body), "invariant") {
		t.Errorf("answer = %s", response.Body)
	}
	if strings.Count(log.String(), `panic="broken invariant"`) != 1 || !strings.Contains(log.String(), "requestId=req-1") {
		t.Errorf("log = %s", log)
	}
}
