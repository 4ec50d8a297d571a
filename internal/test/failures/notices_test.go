package failures

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// tell sends a notice about a payment, signed with a key. Every answer is the same.
func (p *process) tell(paymentID, event, noticeCode, key string) {
	p.w.t.Helper()
	req := httptest.NewRequestWithContext(p.w.t.Context(), http.MethodPost, "/iyzico-webhook", strings.NewReader(fmt.Sprintf(
		`{"iyziEventType":%q,"paymentId":%s,"paymentConversationId":"order-17","status":"SUCCESS","iyziReferenceCode":%q}`, event, paymentID, noticeCode)))
	req.Header.Set(iyzico.WebhookSignatureHeader, iyzico.WebhookSignatureDirect(iyzico.Secret(key), event, paymentID, "order-17", "SUCCESS"))
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusNoContent || recorder.Body.Len() > 0 {
		p.w.t.Errorf("a notice was answered %d %s", recorder.Code, recorder.Body)
	}
}

// TestFailure44Notices: iyzico's notices come forged, a hundred times, and of what iyzico tried again. What they bring about is a
// read; what it shows decides.
func TestFailure44Notices(t *testing.T) {
	t.Parallel()
	run := func(name string, scenario func(w *world)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, scenario)
		})
	}
	run("a lost refund that never was, and a notice each minute", func(w *world) {
		pay := w.payment()
		a := w.refund(pay, "10.00").ends(payment.StatusNotExecuted, 1)
		w.fault(refundPath, "reset-before")
		w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		reader := w.process()
		for i := range 100 {
			w.process().tell(pay.id, "API_AUTH", fmt.Sprint("code-", i), secretKey)
			w.minutes(1, reader)
			if v := w.show(a).Status; time.Duration(i)*time.Minute < w.settings.SettleWindow-time.Minute && v != payment.StatusUnknown {
				w.t.Fatalf("after %d minutes of notices it is %s", i, v)
			}
		}
	})
	run("refused, and tried again by iyzico", func(w *world) {
		pay := w.payment()
		a := w.refund(pay, "10.00").ends(payment.StatusNeedsReview, 1)
		w.fault(refundPath, "refuse-after", code("10051"))
		w.process().deliver(a, overHTTP).is(w.t, http.StatusUnprocessableEntity, "rejected")
		w.process().tell(pay.id, "REFUND_RETRY_SUCCESS", "code", "another key")
		w.minutes(2, w.process())
		if got := w.show(a).Status; got != payment.StatusRejected {
			w.t.Errorf("a forged notice made it %s", got)
		}
		w.process().tell(pay.id, "REFUND_RETRY_SUCCESS", "code", secretKey)
		w.minutes(2, w.process())
		if got := w.show(a).Status; got != payment.StatusNeedsReview {
			w.t.Errorf("it is %s, two minutes after iyzico said that it tried it again", got)
		}
		if !w.alarmed(payment.AlarmRetried, "") || !w.alarmed(payment.AlarmContradicted, a.id) {
			w.t.Error("nobody was told")
		}
	})
}
