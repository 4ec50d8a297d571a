package lambda_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/runtimeapi"
)

// TestAWrongConfigurationEndsTheInitWithOneLine starts functions that cannot work: they must end before they ask for an
// event, say why in one line that names the variable, and quote no key.
func TestAWrongConfigurationEndsTheInitWithOneLine(t *testing.T) {
	t.Parallel()
	good := []string{
		"TABLE_NAME=iade", "IYZICO_BASE_URL=http://127.0.0.1:1", "IYZICO_API_KEY=" + testAPIKey, "IYZICO_SECRET_KEY=" + testSecretKey,
	}
	for _, x := range []struct {
		name, function string
		settings       []string
		says           []string
	}{
		{"no table", "refund", []string{"TABLE_NAME="}, []string{"TABLE_NAME is needed"}},
		{"no iyzico", "cancel", []string{"IYZICO_BASE_URL="}, []string{"IYZICO_BASE_URL is needed"}},
		{"no table for the callback", "balance-callback", []string{"TABLE_NAME=", "CALLBACK_STATE_KEY=" + testCallbackKey}, []string{"TABLE_NAME is needed"}},
		{"no key for the callback", "balance-callback", nil, []string{"CALLBACK_STATE_SECRET_ARN is needed"}},
		{"no table for the notices", "webhook", []string{"TABLE_NAME="}, []string{"TABLE_NAME is needed"}},
		{"no key for the notices", "webhook", []string{"IYZICO_API_KEY=", "IYZICO_SECRET_KEY="}, []string{"IYZICO_SECRET_ARN is needed"}},
		{"a merchant that is none", "webhook", []string{"IYZICO_MERCHANT_ID=shop"}, []string{"IYZICO_MERCHANT_ID must be"}},
		{"a callback that is not https", "refund", []string{"IYZICO_BASE_URL=https://api.iyzipay.com", "PUBLIC_BASE_URL=http://shop.example"}, []string{"PUBLIC_BASE_URL must be https"}},
		{"no keys", "status", []string{"IYZICO_API_KEY=", "IYZICO_SECRET_KEY="}, []string{"IYZICO_SECRET_ARN is needed"}},
		{"nothing at all", "reconcile", []string{"TABLE_NAME=", "IYZICO_BASE_URL=", "IYZICO_API_KEY=", "IYZICO_SECRET_KEY="},
			[]string{"TABLE_NAME", "IYZICO_BASE_URL", "IYZICO_SECRET_ARN"}},
		{"half a pair of keys", "refund", []string{"IYZICO_SECRET_KEY="}, []string{"IYZICO_API_KEY", "IYZICO_SECRET_KEY"}},
		{"an ARN and keys together", "refund", []string{"IYZICO_SECRET_ARN=" + secretARN}, []string{"IYZICO_SECRET_ARN", "IYZICO_API_KEY"}},
		{"a duration that is none", "refund", []string{"IYZICO_TIMEOUT=soon"}, []string{"IYZICO_TIMEOUT must be"}},
		{"a timeout above the function's", "refund", []string{"IYZICO_TIMEOUT=28s"}, []string{"IYZICO_TIMEOUT must be"}},
		{"a window too short for a real iyzico", "reconcile", []string{"IYZICO_BASE_URL=https://api.iyzipay.com", "SETTLE_WINDOW=4m"}, []string{"SETTLE_WINDOW must be"}},
		{"a real iyzico without TLS", "refund", []string{"IYZICO_BASE_URL=http://api.iyzipay.com"}, []string{"IYZICO_BASE_URL must be https"}},
		{"two faults", "refund", []string{"RATE_LIMIT_PER_MINUTE=many", "TABLE_RESTORED_AT=yesterday"}, []string{"RATE_LIMIT_PER_MINUTE must be", "TABLE_RESTORED_AT must be"}},
		{"a level that does not exist", "refund", []string{"LOG_LEVEL=loud"}, []string{"LOG_LEVEL must be"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			log := &runtimeapi.Log{}
			e := runtimeapi.NewEnvironment(runtimeapi.Config{
				Bootstrap: bootstrap(t, x.function), Env: append(append([]string{}, good...), x.settings...), Log: log,
			})
			t.Cleanup(e.Kill)
			if err := e.Start(t.Context()); !errors.Is(err, runtimeapi.ErrEnded) {
				t.Fatalf("started: %v", err)
			}
			lines := bytes.Split(bytes.TrimSpace(logged(t, log)), []byte("\n"))
			var line struct{ Level, Message, Error string }
			if len(lines) != 1 || json.Unmarshal(lines[0], &line) != nil || line.Level != "ERROR" || line.Message != "the function cannot start" {
				t.Fatalf("log: %s", logged(t, log))
			}
			for _, says := range x.says {
				if !strings.Contains(line.Error, says) {
					t.Errorf("the line does not say %q: %s", says, line.Error)
				}
			}
			for _, key := range []string{testAPIKey, testSecretKey} {
				if bytes.Contains(logged(t, log), []byte(key)) {
					t.Errorf("a key stands in the log: %s", logged(t, log))
				}
			}
		})
	}
}

func TestAnEmptyVariableMeansUnset(t *testing.T) {
	t.Parallel()
	e := runtimeapi.NewEnvironment(runtimeapi.Config{Bootstrap: bootstrap(t, "refund"), Env: []string{
		"TABLE_NAME=iade", "IYZICO_BASE_URL=http://127.0.0.1:1", "IYZICO_SECRET_ARN=" + secretARN, "IYZICO_API_KEY=", "IYZICO_SECRET_KEY=",
		"AWS_ENDPOINT_URL_DYNAMODB=", "EVENT_BUS_NAME=", "CALLBACK_STATE_SECRET_ARN=", "CALLBACK_STATE_KEY=", "PUBLIC_BASE_URL=",
		"RETURN_URL_ORIGINS=", "REFUND_TO_BALANCE_PATH=", "BALANCE_REFUND_EXPIRY=", "SETTLE_WINDOW=", "IYZICO_TIMEOUT=",
		"RATE_LIMIT_PER_MINUTE=", "TABLE_RESTORED_AT=", "LOG_LEVEL=",
	}})
	t.Cleanup(e.Kill)
	if err := e.Start(t.Context()); err != nil {
		t.Error(err)
	}
}
