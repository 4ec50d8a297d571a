package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
)

// samples says what each file of events/ is: the function that it is for, its shape, and what it asks of the service.
var samples = map[string]struct {
	function string
	shape    ingress.Shape
	asks     string
}{
	"refund.json":                {"RefundFunction", ingress.ShapeBare, "request " + refundID},
	"refund-api.json":            {"RefundFunction", ingress.ShapeAPIGateway, "request " + refundID},
	"refund-charged.json":        {"RefundFunction", ingress.ShapeBare, "request " + chargedID},
	"refund-balance.json":        {"RefundFunction", ingress.ShapeBare, "request " + balanceID},
	"balance-callback-api.json":  {"BalanceCallbackFunction", ingress.ShapeAPIGateway, "return " + balanceID},
	"webhook-api.json":           {"WebhookFunction", ingress.ShapeAPIGateway, "hint 10000001"},
	"cancel.json":                {"CancelFunction", ingress.ShapeBare, "request " + cancelID},
	"cancel-api.json":            {"CancelFunction", ingress.ShapeAPIGateway, "request " + cancelID},
	"refund-queue.json":          {"RefundFunction", ingress.ShapeQueue, "request " + refundID},
	"refund-eventbridge.json":    {"RefundFunction", ingress.ShapeQueue, "request " + refundID},
	"cancel-queue.json":          {"CancelFunction", ingress.ShapeQueue, "request " + cancelID},
	"cancel-eventbridge.json":    {"CancelFunction", ingress.ShapeQueue, "request " + cancelID},
	"reversal.json":              {"CancelFunction", ingress.ShapeBare, "request " + reversalID},
	"reversal-api.json":          {"CancelFunction", ingress.ShapeAPIGateway, "request " + reversalID},
	"reversal-queue.json":        {"CancelFunction", ingress.ShapeQueue, "request " + reversalID},
	"reversal-eventbridge.json":  {"CancelFunction", ingress.ShapeQueue, "request " + reversalID},
	"fund.json":                  {"FundFunction", ingress.ShapeBare, "request " + fundID},
	"fund-api.json":              {"FundFunction", ingress.ShapeAPIGateway, "request " + fundID},
	"status-api.json":            {"StatusFunction", ingress.ShapeAPIGateway, "operation " + refundID},
	"status-payment-api.json":    {"StatusFunction", ingress.ShapeAPIGateway, "payment 10000001"},
	"status-operations-api.json": {"StatusFunction", ingress.ShapeAPIGateway, "operations {[unknown]}"},
	"status-history-api.json":    {"StatusFunction", ingress.ShapeAPIGateway, "history " + refundID},
	"status-day-api.json":        {"StatusFunction", ingress.ShapeAPIGateway, "day 2026-01-30"},
	"close.json":                 {"CloseFunction", ingress.ShapeBare, "a pass"},
	"close-api.json":             {"CloseFunction", ingress.ShapeAPIGateway, "close 2026-01-30"},
	"health-api.json":            {"StatusFunction", ingress.ShapeAPIGateway, ""},
	"reconcile.json":             {"ReconcileFunction", ingress.ShapeBare, "a pass"},
	"reconcile-check.json":       {"ReconcileFunction", ingress.ShapeBare, "check " + refundID},
	"reconcile-check-api.json":   {"ReconcileFunction", ingress.ShapeAPIGateway, "check " + refundID},
	"reconcile-resolve.json":     {"ReconcileFunction", ingress.ShapeBare, "resolve " + refundID + " succeeded"},
	"reconcile-resolve-api.json": {"ReconcileFunction", ingress.ShapeAPIGateway, "resolve " + refundID + " succeeded"},
}

// The operations that refund.json, cancel.json and fund.json make: the other samples speak of these, and the samples for the API
// repeat them with the same keys.
const (
	refundID = "rf_10000001_4azeehrk5tk6ngkx"
	cancelID = "cn_10000003_etdlrsw2c6gtmjjy"

	reversalID = "rv_10000003_frzdqwnyhra6nhe5"

	chargedID = "rf_10000002_ccfer4okwiyvan4m"
	balanceID = "rf_10000009_bpcejdhoe7hsppwt"
	fundID    = "fp_5r6eymvezsyu5s3aqykqhg7qry"
)

// asked is a service that notes what it is asked for and knows nothing.
type asked struct{ what string }

func (a *asked) note(format string, args ...any) error {
	a.what = fmt.Sprintf(format, args...)
	return &payment.Error{Code: payment.CodeNotFound, Message: "nothing is here"}
}

func (a *asked) Request(_ context.Context, c payment.Command, _ time.Time, _ payment.Recording) (payment.Result, error) {
	return payment.Result{}, a.note("request %s", c.OperationID())
}

func (a *asked) Preview(context.Context, payment.Command, time.Time) (payment.Preview, error) {
	return payment.Preview{}, a.note("preview")
}

func (a *asked) Operation(_ context.Context, id string) (payment.Resource, error) {
	return payment.Resource{}, a.note("operation %s", id)
}

func (a *asked) Payment(_ context.Context, id string, _ int, _ time.Time) (payment.PaymentView, error) {
	return payment.PaymentView{}, a.note("payment %s", id)
}

func (a *asked) RefreshPayment(_ context.Context, id string, _ int, _ time.Time) (payment.PaymentView, error) {
	return payment.PaymentView{}, a.note("refresh payment %s", id)
}

func (a *asked) PaymentByConversation(_ context.Context, id string, _ int, _ time.Time) (payment.PaymentView, error) {
	return payment.PaymentView{}, a.note("payment of %s", id)
}

func (a *asked) Operations(_ context.Context, f payment.OperationFilter, _ string, _ int) ([]payment.Resource, string, error) {
	return nil, "", a.note("operations %v", f)
}

func (a *asked) Find(_ context.Context, f journal.Filter, _ string, _ int) ([]payment.Resource, string, error) {
	return nil, "", a.note("find %v", f)
}

func (a *asked) Day(_ context.Context, date payment.Day) (dayclose.Day, error) {
	return dayclose.Day{}, a.note("day %s", date)
}

func (a *asked) Days(_ context.Context, from, to payment.Day) ([]dayclose.Day, error) {
	return nil, a.note("days %s %s", from, to)
}

func (a *asked) Close(_ context.Context, date payment.Day, _ time.Time) (dayclose.Day, error) {
	return dayclose.Day{}, a.note("close %s", date)
}

func (a *asked) History(_ context.Context, id string) ([]payment.Record, error) {
	return nil, a.note("history %s", id)
}

func (a *asked) Check(_ context.Context, id string, _ time.Time) (payment.Resource, error) {
	return payment.Resource{}, a.note("check %s", id)
}

func (a *asked) Return(_ context.Context, id, _ string) (payment.Resource, error) {
	return payment.Resource{}, a.note("return %s", id)
}

func (a *asked) LimitUses(context.Context) ([]payment.LimitUse, error) { return nil, nil }

func (a *asked) Hint(_ context.Context, n payment.Notice) (bool, error) {
	return false, a.note("hint %s", n.PaymentID)
}

func (a *asked) Resolve(_ context.Context, id string, d payment.Decision, _, _ string, _ time.Time) (payment.Resource, error) {
	return payment.Resource{}, a.note("resolve %s %s", id, d)
}

func TestTheSampleEventsAreWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(samples)+2 {
		t.Errorf("%d files in events/ for %d samples, publish.json and env.json", len(files), len(samples))
	}
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := os.ReadFile(filepath.Join("events", name))
			if err != nil {
				t.Fatal(err)
			}
			if shape := ingress.Detect(event); shape != sample.shape {
				t.Fatalf("it is an %s, not an %s", shape, sample.shape)
			}
			if sample.asks == "a pass" { // the schedule's test holds it against the schedule
				return
			}
			if asks := answerTo(t, sample.function, event); asks != sample.asks {
				t.Errorf("it asks for %q, not %q", asks, sample.asks)
			}
		})
	}
}

// noQueue takes everything and keeps nothing.
type noQueue struct{}

func (noQueue) Hide(context.Context, string, string, time.Duration) error     { return nil }
func (noQueue) DeadLetter(context.Context, string, ingress.DeadMessage) error { return nil }

// answerTo gives an event to the API as its function does, and returns what the service was asked for.
func answerTo(t *testing.T, function string, event json.RawMessage) string {
	t.Helper()
	service := &asked{}
	api := &ingress.API{
		Journal: service, Days: service, Service: service, Queue: noQueue{}, ReturnOrigins: strings.Split(sampleSetting(t, function, "RETURN_URL_ORIGINS"), ","),
		Pages: returnlink.New("", returnlink.Fixed(returnlink.Keys{Current: secret.New(sampleSetting(t, function, "CALLBACK_STATE_KEY"))})),
	}
	keys := psp.Keys{Pair: psp.Pair{APIKey: secret.New(sampleSetting(t, function, "IYZICO_API_KEY")), SecretKey: secret.New(sampleSetting(t, function, "IYZICO_SECRET_KEY"))}}
	api.Notices = psp.NewNotices(func(context.Context) (psp.Keys, error) { return keys, nil }, sampleSetting(t, function, "IYZICO_MERCHANT_ID"), time.Now)
	handle := map[string]func(context.Context, json.RawMessage) (any, error){
		"RefundFunction":          api.Commands(payment.KindRefund),
		"CancelFunction":          api.Commands(payment.KindCancel),
		"StatusFunction":          api.Lambda(nil),
		"BalanceCallbackFunction": api.Lambda(nil),
		"ReconcileFunction":       api.Lambda(api.Operate),
		"CloseFunction":           api.Lambda(nil),
		"WebhookFunction":         api.Lambda(nil),
		"FundFunction": api.Lambda(func(ctx context.Context, body json.RawMessage) ingress.BareReply {
			return api.Bare(ctx, payment.KindFundPayment, body)
		}),
	}[function]
	answer, err := handle(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if service.what == "" && strings.Contains(fmt.Sprintf("%+v", answer), "urn:iade:problem") {
		t.Fatalf("it is refused: %+v", answer)
	}
	return service.what
}

// sampleEnvironments is events/env.json: the variables of each function.
func sampleEnvironments(t *testing.T) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile("events/env.json")
	if err != nil {
		t.Fatal(err)
	}
	var environments map[string]map[string]string
	if err := json.Unmarshal(data, &environments); err != nil {
		t.Fatal(err)
	}
	return environments
}

// sampleSetting is a variable of events/env.json.
func sampleSetting(t *testing.T, function, name string) string {
	t.Helper()
	return sampleEnvironments(t)[function][name]
}

// env.json must override every variable of every function: one that it leaves out keeps a made-up value of SAM's.
func TestTheSampleEnvironmentOverridesEveryVariable(t *testing.T) {
	t.Parallel()
	environments := sampleEnvironments(t)
	d := deploy(t, nil)
	if diff := cmp.Diff(functionIDs, slices.Sorted(maps.Keys(environments))); diff != "" {
		t.Fatal(diff)
	}
	written, named := strings.Count(readText(t, "events/env.json"), `": "`), 0
	for _, variables := range environments {
		named += len(variables)
	}
	if written != named {
		t.Errorf("%d variables are written in env.json and %d are named: one stands twice", written, named)
	}
	for id, variables := range environments {
		template := settingsOf(t, d, id)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(template)), slices.Sorted(maps.Keys(variables))); diff != "" {
			t.Errorf("%s (- template, + env.json):\n%s", id, diff)
		}
		for name, secret := range map[string]string{"IYZICO_API_KEY": "IYZICO_SECRET_ARN", "CALLBACK_STATE_KEY": "CALLBACK_STATE_SECRET_ARN"} {
			if (variables[name] != "") != (template[secret] != "") || variables[secret] != "" {
				t.Errorf("%s: %s must be set where the deployed function may read the secret, and there alone", id, name)
			}
		}
		// A container knows this machine by a name that is not loopback's.
		getenv := func(name string) string {
			return variables[name]
		}
		if _, err := config.Load(getenv, nil); err != nil {
			t.Errorf("%s cannot start: %v", id, err)
		}
	}
}
