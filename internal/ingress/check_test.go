package ingress_test

import (
	"reflect"
	"testing"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// TestCheckingARefundSaysWhatTheRouteSays compares the check with POST /refunds itself.
func TestCheckingARefundSaysWhatTheRouteSays(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"paymentId":"10000001","amount":"10.50"}`, `{"paymentId":"10000001","full":true,"reason":"other"}`, `{}`, `{`, ``,
		`{"paymentId":"x","paymentTransactionId":1,"amount":"0","allocation":"all","description":"d","more":1}`,
		`{"paymentId":"10000001","amount":"1,5","full":true}`,
	} {
		for _, key := range []string{"key-1", `"quoted"`, "a,b", ""} {
			command, faults := ingress.CheckRefund([]byte(body), key)
			service := &fakeService{result: succeeded()}
			answer := newAPI(service).Handle(t.Context(), with(post("/refunds", body), "Idempotency-Key", key))
			if len(faults) == 0 {
				if !reflect.DeepEqual(service.command, command) {
					t.Errorf("%s %q: %+v, the route reads %+v", body, key, command, service.command)
				}
				continue
			}
			_, problem := problemOf(t, answer)
			if len(problem.Errors) != len(faults) || problem.Errors[0] != faults[0] {
				t.Errorf("%s %q: %+v, the route says %+v", body, key, faults, problem.Errors)
			}
		}
	}
}

func TestACallInTheBackgroundLeavesTheReservedFifthAlone(t *testing.T) {
	t.Parallel()
	for value, interactive := range map[string]bool{
		"": true, "u=7": false, "u=7, i": false, "i, u=7;x=1": false, " u=7 ": false, "u=6": true, "u=70": true, "U=7": true, "x=u=7": true, "garbage": true,
	} {
		service := &fakeService{result: succeeded()}
		req := post("/refunds", `{"paymentId":"10000001","amount":"10.50"}`)
		if value != "" {
			req = with(req, "Priority", value)
		}
		newAPI(service).Handle(t.Context(), req)
		if service.command.Interactive != interactive || service.command.Kind != payment.KindRefund {
			t.Errorf("Priority %q: interactive %v", value, service.command.Interactive)
		}
	}
}
