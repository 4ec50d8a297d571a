package lambda_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// TestTheCallbackFunctionWorksWithoutIyzico runs the function that customers come back to with nothing but the table and
// its own secret, over a rotation of that secret.
func TestTheCallbackFunctionWorksWithoutIyzico(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "CALLBACK_STATE_SECRET_ARN="+callbackARN, "PUBLIC_BASE_URL="+apitest.PublicURL)
	d.secrets.putCallback(`{"key":"canary-old-callback-key"}`)
	alone := runtimeapi.NewEnvironment(runtimeapi.Config{Bootstrap: bootstrap(t, "balance-callback"), Log: d.log, Env: append(d.env,
		"IYZICO_SECRET_ARN=", "IYZICO_BASE_URL=http://127.0.0.1:1", "PUBLIC_BASE_URL=", "LOG_LEVEL=debug")})
	t.Cleanup(alone.Kill)
	open := func(key string) (id string, back apitest.Request) {
		t.Helper()
		a := d.post("/refunds", key, `{"paymentId":"`+d.addPayment("100.00")+`","destination":"balance"}`)
		var r struct{ ID, RedirectURL string }
		if err := json.Unmarshal(a.Body, &r); err != nil || a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		token := r.RedirectURL[strings.LastIndexByte(r.RedirectURL, '/')+1:]
		var going struct {
			URL  string
			Form map[string]string
		}
		d.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/confirm", "", &going)
		return r.ID, apitest.Request{
			Method: http.MethodPost, Path: strings.TrimPrefix(going.URL, apitest.PublicURL), Body: []byte("token=" + token),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}
	}
	comeBack := func(req apitest.Request, want int) {
		t.Helper()
		_, routeKey, params := routed(req.Method, req.Path)
		reply, err := invoke(alone, req, routeKey, params)
		if err != nil || reply.Status != want {
			t.Errorf("%d %s %v, want %d", reply.Status, reply.Body, err, want)
		}
	}
	id, back := open("one")
	forged := back
	forged.Path = strings.Replace(back.Path, id, "rf_1_abcdefghijklmnop", 1)
	comeBack(forged, http.StatusNotFound)
	comeBack(back, http.StatusOK)
	comeBack(back, http.StatusOK)

	// The key is rotated; the function that asks iyzico starts anew with it, the other one still holds the old one.
	_, before := open("two")
	d.secrets.putCallback(`{"key":"canary-new-callback-key","previous":"canary-old-callback-key"}`)
	comeBack(before, http.StatusOK)
	if log := logged(t, d.log); bytes.Contains(log, []byte("canary")) || bytes.Contains(log, back.Body[len("token="):]) {
		t.Errorf("a key or a token stands in the log: %s", log)
	}
}

// failure 22: the callback's secret is away
func TestACallbackWithoutItsSecretAsksToComeAgain(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "CALLBACK_STATE_SECRET_ARN="+callbackARN, "PUBLIC_BASE_URL="+apitest.PublicURL)
	p := d.addPayment("100.00")
	if a := d.post("/refunds", "key", `{"paymentId":"`+p+`","destination":"balance"}`); a.Status != http.StatusServiceUnavailable || d.requests(p) != 0 {
		t.Errorf("%d %s, %d requests", a.Status, a.Body, d.requests(p))
	}
	reply, err := d.do(apitest.Request{
		Method: http.MethodGet, Path: "/balance-callback/rf_1_abcdefghijklmnop.b0ya.AAAAAAAAAAAAAAAAAAAAAA", RawQuery: "token=t", Header: http.Header{},
	})
	if err != nil || reply.Status != http.StatusServiceUnavailable || reply.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", reply.Status, reply.Body, err)
	}
	d.secrets.putCallback("short")
	if a := d.post("/refunds", "key", `{"paymentId":"`+p+`","destination":"balance"}`); a.Status != http.StatusServiceUnavailable || bytes.Contains(logged(t, d.log), []byte(`"short"`)) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	d.secrets.putCallback("a-secret-that-is-a-plain-text")
	if a := d.post("/refunds", "key", `{"paymentId":"`+p+`","destination":"balance"}`); a.Status != http.StatusCreated {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
