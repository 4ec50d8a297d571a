package lambda_test

import (
	"net/http"
	"strings"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
	"github.com/iade/iade/pkg/iyzico"
)

// noticeOf is iyzico's notice about the payment of an operation, signed with the tests' key.
func noticeOf(operationID string) apitest.Request {
	return notice(strings.Split(operationID, "_")[1], "REFUND_RETRY_SUCCESS", testSecretKey)
}

func notice(paymentID, event, secretKey string) apitest.Request {
	signature := iyzico.WebhookSignatureDirect(iyzico.Secret(secretKey), event, paymentID, "order-17", "SUCCESS")
	return apitest.Request{
		Method: http.MethodPost, Path: "/iyzico-webhook",
		Header: http.Header{"Content-Type": {"application/json"}, "X-Iyz-Signature-V3": {signature}},
		Body: []byte(`{"iyziEventType":"` + event + `","paymentId":` + paymentID + `,"paymentConversationId":"order-17","status":"SUCCESS",` +
			`"merchantId":3404590,"iyziReferenceCode":"code-of-` + event + `"}`),
	}
}

// TestTheWebhookFunctionWorksWithoutIyzico runs it with nothing but the table and iyzico's keys, over a rotation of these: what it
// takes makes the payment due, and what does not verify, or is about nothing that is waited for, changes no item.
func TestTheWebhookFunctionWorksWithoutIyzico(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	alone := runtimeapi.NewEnvironment(runtimeapi.Config{Bootstrap: bootstrap(t, "webhook"), Log: d.log, Env: append(d.env, "IYZICO_BASE_URL=http://127.0.0.1:1")})
	t.Cleanup(alone.Kill)
	tell := func(req apitest.Request) {
		t.Helper()
		_, routeKey, params := routed(req.Method, req.Path)
		if reply, err := invoke(alone, req, routeKey, params); err != nil || reply.Status != http.StatusNoContent || len(reply.Body) > 0 {
			t.Fatalf("%d %s %v", reply.Status, reply.Body, err)
		}
	}
	refused := func(key string) (paymentID string) {
		t.Helper()
		paymentID = d.addPayment("100.00")
		d.script("/payment/refund", "refuse")
		if a := d.post("/refunds", key, `{"paymentId":"`+paymentID+`","amount":"10"}`); a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return paymentID
	}
	p, q := refused("one"), refused("two")
	paid := d.addPayment("100.00")
	if a := d.post("/refunds", "three", `{"paymentId":"`+paid+`","amount":"10"}`); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	before := string(d.items(t, d.table))
	tell(notice(p, "API_AUTH", "another key"))
	tell(notice(paid, "REFUND_RETRY_SUCCESS", testSecretKey))
	tell(notice("19999999", "REFUND_RETRY_SUCCESS", testSecretKey))
	if after := string(d.items(t, d.table)); after != before {
		t.Errorf("the table became\n%s\nit was\n%s", after, before)
	}
	tell(notice(p, "REFUND_RETRY_SUCCESS", testSecretKey))
	d.secrets.put(`{"apiKey":"new","secretKey":"canary-new-4714","previous":{"apiKey":"` + testAPIKey + `","secretKey":"` + testSecretKey + `"}}`)
	tell(notice(q, "REFUND_RETRY_FAILURE", testSecretKey))
	items := string(d.items(t, d.table))
	if n := strings.Count(items, "hints#"); n == 0 {
		t.Errorf("no notice was counted: %s", items)
	}
	log := string(logged(t, d.log))
	if n := strings.Count(log, `"alarm":"refund_retried"`); n != 2 {
		t.Errorf("%d alarms in the log, want 2", n)
	}
	for _, canary := range []string{"code-of-", "order-17", testSecretKey, "canary-new-4714"} {
		if strings.Contains(items, canary) || strings.Contains(log, canary) {
			t.Errorf("%s is kept", canary)
		}
	}
}
