package iyzico

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// failure 28: the client alone
func TestRefundSucceedsHoweverTheNumbersAreWritten(t *testing.T) {
	t.Parallel()
	for _, price := range []string{`5`, `5.0`, `5.00000000`, `"5.0"`, `"5"`, `5e0`, `0.5E1`} {
		refund, err := answeringClient(t, 200, signedRefund(price)).Refund(testContext(t), testRefundRequest())
		if err != nil {
			t.Errorf("price %s: %v", price, err)
			continue
		}
		if !refund.Price.Equal(amount("5")) || !refund.SignatureVerified || len(refund.Warnings) != 0 {
			t.Errorf("price %s: got %+v", price, refund)
		}
	}
	body := strings.NewReplacer(`"25180188"`, `25180188`, `"27169345"`, `27169345`, `1755703798426`, `"1755703798426"`).Replace(signedRefund("5"))
	refund, err := answeringClient(t, 200, body).Refund(testContext(t), testRefundRequest())
	if err != nil {
		t.Fatal(err)
	}
	if refund.PaymentID != "25180188" || refund.PaymentTransactionID != "27169345" || refund.SystemTime.UnixMilli() != 1755703798426 {
		t.Errorf("numeric ids: got %+v", refund)
	}
}

// failure 12, 28: the client alone, every verdict
func TestRefundVerdicts(t *testing.T) {
	t.Parallel()
	ok := signedRefund("5")
	failure := func(members string) string { return `{"status":"failure","errorMessage":"x",` + members + `}` }
	for _, tc := range []struct {
		name    string
		status  int
		body    string
		outcome Outcome
		reason  string
		field   string
	}{
		{"bank declines at HTTP 200", 200, failure(`"errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS"`), Rejected, ReasonRefused, ""},
		{"bank declines at HTTP 400", 400, failure(`"errorCode":"10051"`), Rejected, ReasonRefused, ""},
		{"bank declines at HTTP 422", 422, failure(`"errorCode":10051`), Rejected, ReasonRefused, ""},
		{"refusal with our ids", 400, failure(`"errorCode":"10220","conversationId":"conv-1","paymentTransactionId":27169345,"price":5`), Rejected, ReasonRefused, ""},
		{"refusal of something else", 400, failure(`"errorCode":"10220","conversationId":"conv-2"`), Unknown, ReasonEchoMismatch, "conversationId"},
		{"refusal of another line", 400, failure(`"errorCode":"10220","paymentTransactionId":"1"`), Unknown, ReasonEchoMismatch, "paymentTransactionId"},
		{"rate limit for something else", 200, failure(`"errorCode":50000,"conversationId":"conv-2"`), Unknown, ReasonEchoMismatch, "conversationId"},
		{"validation error", 200, failure(`"errorCode":"11"`), Rejected, ReasonRefused, ""},
		{"system error", 200, failure(`"errorCode":"1"`), Unknown, ReasonUnclearCode, ""},
		{"negative code", 200, failure(`"errorCode":"-1"`), Unknown, ReasonUnclearCode, ""},
		{"bank timed out", 200, failure(`"errorCode":"10219"`), Unknown, ReasonUnclearCode, ""},
		{"already approved", 200, failure(`"errorCode":"10203"`), Unknown, ReasonUnclearCode, ""},
		{"rate limit as a number", 200, failure(`"errorCode":50000`), NotSent, ReasonRateLimited, ""},
		{"rate limit at HTTP 429", 429, failure(`"errorCode":"50000"`), NotSent, ReasonRateLimited, ""},
		{"wrong secret", 200, failure(`"errorCode":"1000"`), NotSent, ReasonCredentials, ""},
		{"wrong key at HTTP 401", 401, failure(`"errorCode":"1001"`), NotSent, ReasonCredentials, ""},
		{"credentials, as the FAQ has them", 200, failure(`"errorCode":"1004"`), NotSent, ReasonCredentials, ""},
		{"credentials, seen by others", 200, failure(`"errorCode":1007`), NotSent, ReasonCredentials, ""},
		{"credentials, seen by others too", 200, failure(`"errorCode":"1009"`), NotSent, ReasonCredentials, ""},
		{"unlisted code near the credentials'", 200, failure(`"errorCode":"1005"`), Unknown, ReasonUnknownCode, ""},
		{"refund v2 on a marketplace", 200, failure(`"errorCode":"5266"`), Rejected, ReasonRefused, ""},
		{"no such payment", 200, failure(`"errorCode":"5086"`), Rejected, ReasonRefused, ""},
		{"an earlier one is still at work", 200, failure(`"errorCode":"8514"`), Unknown, ReasonUnclearCode, ""},
		{"try after the bank's day end", 200, failure(`"errorCode":"10223"`), Unknown, ReasonUnclearCode, ""},
		{"try the refund later", 200, failure(`"errorCode":"10246","retryable":false`), Unknown, ReasonUnclearCode, ""},
		{"a decline that is retryable", 200, failure(`"errorCode":"10051","retryable":true`), Unknown, ReasonRetryable, ""},
		{"a decline that is retryable in words", 200, failure(`"errorCode":"10051","retryable":"true"`), Unknown, ReasonRetryable, ""},
		{"a decline that is retryable perhaps", 200, failure(`"errorCode":"10051","retryable":"perhaps"`), Unknown, ReasonRetryable, ""},
		{"a decline that is retryable somehow", 200, failure(`"errorCode":"10051","retryable":{}`), Unknown, ReasonRetryable, ""},
		{"a decline that is not retryable", 200, failure(`"errorCode":"10051","retryable":false`), Rejected, ReasonRefused, ""},
		{"a decline that does not say", 200, failure(`"errorCode":"10051","retryable":null`), Rejected, ReasonRefused, ""},
		{"a validation error that is retryable", 200, failure(`"errorCode":"11","retryable":true`), Unknown, ReasonRetryable, ""},
		{"the rate limit is retryable by nature", 200, failure(`"errorCode":50000,"retryable":true`), NotSent, ReasonRateLimited, ""},
		{"refusal of our amount in other digits", 200, failure(`"errorCode":"10220","price":"5.00000000","currency":"try"`), Rejected, ReasonRefused, ""},
		{"refusal of another amount", 200, failure(`"errorCode":"10220","price":5.01`), Unknown, ReasonEchoMismatch, "price"},
		{"refusal of no readable amount", 200, failure(`"errorCode":"10220","price":"five"`), Unknown, ReasonUnreadable, "price"},
		{"refusal in another currency", 200, failure(`"errorCode":"10220","currency":"EUR"`), Unknown, ReasonEchoMismatch, "currency"},
		{"refusal of an object", 200, failure(`"errorCode":"10220","conversationId":{}`), Unknown, ReasonUnreadable, "conversationId"},
		{"status twice, the harmless one last", 200, `{"status":"success","status":"failure","errorCode":"10051"}`, Unknown, ReasonUnreadable, ""},
		{"status twice, both harmless", 200, `{"status":"failure","Status":"failure","errorCode":"10051"}`, Unknown, ReasonUnreadable, ""},
		{"code twice", 200, failure(`"errorCode":"1","errorCode":"10051"`), Unknown, ReasonUnreadable, ""},
		{"a member twice in a member", 200, failure(`"errorCode":"10051","x":{"a":1,"a":1}`), Unknown, ReasonUnreadable, ""},
		{"a success with a member twice", 200, replace(t, ok, `"paymentId"`, `"price":4,"paymentId"`), Unknown, ReasonUnreadable, ""},
		{"a success with a status twice", 200, replace(t, ok, `"paymentId"`, `"status":"success","paymentId"`), Unknown, ReasonUnreadable, ""},
		{"unlisted business code", 200, failure(`"errorCode":"5093"`), Unknown, ReasonUnknownCode, ""},
		{"unlisted bank code", 200, failure(`"errorCode":"10999"`), Unknown, ReasonUnknownCode, ""},
		{"unlisted tokenization code", 200, failure(`"errorCode":"260001"`), Unknown, ReasonUnknownCode, ""},
		{"no code", 200, `{"status":"failure"}`, Unknown, ReasonUnreadable, "errorCode"},
		{"null code", 200, failure(`"errorCode":null`), Unknown, ReasonUnreadable, "errorCode"},
		{"words for a code", 200, failure(`"errorCode":"oops"`), Unknown, ReasonUnreadable, "errorCode"},
		{"endless code", 200, failure(`"errorCode":` + strings.Repeat("1", 300)), Unknown, ReasonUnreadable, "errorCode"},
		{"object for a code", 200, failure(`"errorCode":{}`), Unknown, ReasonUnreadable, "errorCode"},

		{"refusal at HTTP 500", 500, failure(`"errorCode":"10051"`), Unknown, "http-500", ""},
		{"success at HTTP 500", 500, ok, Unknown, "http-500", ""},
		{"HTML 502", 502, "<html>bad gateway</html>", Unknown, "http-502", ""},
		{"HTML 200", 200, "<html>maintenance</html>", Unknown, ReasonNotJSON, ""},
		{"HTML 403", 403, "<html>forbidden</html>", Unknown, ReasonNotJSON, ""},
		{"redirect", 302, ok, Unknown, ReasonRedirect, ""},
		{"redirect that keeps the method", 307, "", Unknown, ReasonRedirect, ""},
		{"empty", 200, "", Unknown, ReasonNotJSON, ""},
		{"truncated", 200, ok[:len(ok)/2], Unknown, ReasonTruncated, ""},
		{"truncated by its last byte", 200, ok[:len(ok)-1], Unknown, ReasonTruncated, ""},
		{"text after the object", 200, ok + "x", Unknown, ReasonNotJSON, ""},
		{"array", 200, "[" + ok + "]", Unknown, ReasonNotJSON, ""},
		{"null", 200, "null", Unknown, ReasonNoStatus, ""},
		{"no status", 200, without(t, ok, `"status":"success"`), Unknown, ReasonNoStatus, ""},
		{"strange status", 200, replace(t, ok, `"success"`, `"pending"`), Unknown, ReasonNoStatus, ""},
		{"status true", 200, replace(t, ok, `"success"`, `true`), Unknown, ReasonNoStatus, ""},

		{"wrong signature", 200, refundAnswer("5", strings.Repeat("0", 64)), Unknown, ReasonBadSignature, ""},
		{"signature in capitals", 200, refundAnswer("5", strings.ToUpper(ResponseSignature(testSecretKey, "25180188", "5", "TRY", "conv-1"))), Unknown, ReasonBadSignature, ""},
		{"v2's other order on v1", 200, refundAnswer("5", ResponseSignature(testSecretKey, "25180188", "conv-1")), Unknown, ReasonBadSignature, ""},
		{"empty signature", 200, refundAnswer("5", ""), Unknown, ReasonMissingSignature, ""},
		{"no signature", 200, ok[:strings.Index(ok, `,"signature"`)] + "}", Unknown, ReasonMissingSignature, ""},

		{"wrong conversation", 200, replace(t, ok, `"conv-1"`, `"conv-2"`), Unknown, ReasonEchoMismatch, "conversationId"},
		{"missing conversation", 200, without(t, ok, `"conversationId":"conv-1"`), Unknown, ReasonEchoMismatch, "conversationId"},
		{"missing payment", 200, without(t, ok, `"paymentId":"25180188"`), Unknown, ReasonEchoMismatch, "paymentId"},
		{"another payment than signed", 200, replace(t, ok, `25180188`, `25180189`), Unknown, ReasonBadSignature, ""},
		{"wrong line", 200, replace(t, ok, `27169345`, `27169346`), Unknown, ReasonEchoMismatch, "paymentTransactionId"},
		{"missing line", 200, without(t, ok, `"paymentTransactionId":"27169345"`), Unknown, ReasonEchoMismatch, "paymentTransactionId"},
		{"wrong price", 200, replace(t, ok, `"price":5`, `"price":50`), Unknown, ReasonEchoMismatch, "price"},
		{"missing price", 200, without(t, ok, `"price":5`), Unknown, ReasonEchoMismatch, "price"},
		{"null price", 200, replace(t, ok, `"price":5`, `"price":null`), Unknown, ReasonEchoMismatch, "price"},
		{"wrong currency", 200, replace(t, ok, `"TRY"`, `"USD"`), Unknown, ReasonEchoMismatch, "currency"},
		{"missing currency", 200, without(t, ok, `"currency":"TRY"`), Unknown, ReasonEchoMismatch, "currency"},
		{"huge exponent", 200, replace(t, ok, `"price":5`, `"price":1e1000000000`), Unknown, ReasonUnreadable, "price"},
		{"tiny exponent", 200, replace(t, ok, `"price":5`, `"price":5e-1000000000`), Unknown, ReasonUnreadable, "price"},
		{"words for a price", 200, replace(t, ok, `"price":5`, `"price":"five"`), Unknown, ReasonUnreadable, "price"},
		{"object for a price", 200, replace(t, ok, `"price":5`, `"price":{"value":5}`), Unknown, ReasonUnreadable, "price"},
		{"too long", 200, replace(t, ok, `"512821"`, `"`+strings.Repeat("x", 1<<20)+`"`), Unknown, ReasonOversize, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			refund, err := answeringClient(t, tc.status, tc.body).Refund(testContext(t), testRefundRequest())
			if refund != nil {
				t.Errorf("got a refund with an error: %+v", refund)
			}
			e := wantError(t, err, tc.outcome, tc.reason)
			if e.Field != tc.field || e.HTTPStatus != tc.status || e.ConversationID != "conv-1" || e.Endpoint != "/payment/refund" {
				t.Errorf("got field %q, status %d, conversation %q, endpoint %q", e.Field, e.HTTPStatus, e.ConversationID, e.Endpoint)
			}
		})
	}
}

func TestSuccessAtAnErrorStatusIsASuccessWithAWarning(t *testing.T) {
	t.Parallel()
	refund, err := answeringClient(t, 400, signedRefund("5")).Refund(testContext(t), testRefundRequest())
	if err != nil || !slices.Equal(refund.Warnings, []string{WarningHTTPStatus}) {
		t.Errorf("got %+v, %v", refund, err)
	}
}

func TestFailureKeepsIyzicosWords(t *testing.T) {
	t.Parallel()
	for retryable, outcome := range map[string]Outcome{"true": Unknown, "false": Rejected} {
		body := `{"status":"failure","errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS","errorMessage":"Kart limiti yetersiz","retryable":` + retryable + `}`
		_, err := answeringClient(t, 200, body).Refund(testContext(t), testRefundRequest())
		e := asError(t, err)
		if e.Outcome != outcome || e.Code != "10051" || e.Group != "NOT_SUFFICIENT_FUNDS" || e.Message != "Kart limiti yetersiz" ||
			e.Retryable == nil || strconv.FormatBool(*e.Retryable) != retryable {
			t.Errorf("retryable %s: got %+v", retryable, *e)
		}
	}
	body := `{"status":"failure","errorCode":"10051","errorGroup":"not a group","errorMessage":"` + strings.Repeat("ğ", 1000) + `"}`
	_, err := answeringClient(t, 200, body).Refund(testContext(t), testRefundRequest())
	e := wantError(t, err, Rejected, ReasonRefused)
	if e.Group != "" || e.Retryable != nil || len(e.Message) != maxMessageLen || strings.Trim(e.Message, "ğ") != "" {
		t.Errorf("got group %q, %d bytes of message", e.Group, len(e.Message))
	}
}

func TestRateLimitTellsToWaitForTheNextMinute(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 47, 0, time.UTC)
	c := answeringClient(t, 200, `{"status":"failure","errorCode":50000,"errorMessage":"Request Limit Exceeded","locale":"en"}`,
		WithClock(func() time.Time { return now }))
	_, err := c.Refund(testContext(t), testRefundRequest())
	if e := wantError(t, err, NotSent, ReasonRateLimited); e.RetryAfter != 13*time.Second {
		t.Errorf("got %v", e.RetryAfter)
	}
}

func TestOutcomeOfIsUnknownForForeignErrors(t *testing.T) {
	t.Parallel()
	if OutcomeOf(nil) != Succeeded || OutcomeOf(errors.New("x")) != Unknown || OutcomeOf(&Error{}) != Unknown ||
		OutcomeOf(errors.Join(errors.New("x"), &Error{Outcome: Rejected})) != Rejected {
		t.Error("OutcomeOf is wrong")
	}
	for outcome, word := range map[Outcome]string{Unknown: "unknown", NotSent: "not_sent", Rejected: "rejected", Succeeded: "succeeded", 99: "unknown"} {
		if outcome.String() != word {
			t.Errorf("%d: got %s", outcome, outcome)
		}
	}
}

func TestACustomTransportsFailureIsUnknown(t *testing.T) {
	t.Parallel()
	c := testClient(t, SandboxURL, WithTransport(roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errors.New("x") })))
	_, err := c.Refund(testContext(t), testRefundRequest())
	wantError(t, err, Unknown, ReasonTransport)
}
