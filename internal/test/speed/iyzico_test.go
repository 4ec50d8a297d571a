package speed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// standIn answers as iyzico does where all goes well, and costs as little as it can: the fake with its book would take more of
// the machine than the services that are compared. Each payment has one line, whose id is the payment's with a 1 before it.
type standIn struct {
	mu       sync.Mutex
	executed map[string]int // conversation id → how often its refund was carried out
}

// paidPrice of every payment, of its one line.
const paidPrice = "1000.0"

// ServeHTTP implements http.Handler. Signatures of requests are not looked at; answers are signed.
func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ConversationID       string `json:"conversationId"`
		PaymentID            string `json:"paymentId"`
		PaymentTransactionID string `json:"paymentTransactionId"`
		Price                string `json:"price"`
	}
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	now := time.Now().UnixMilli()
	switch r.URL.Path {
	case "/payment/refund":
		s.mu.Lock()
		s.executed[body.ConversationID]++
		s.mu.Unlock()
		price, paymentID := decimal.RequireFromString(body.Price), strings.TrimPrefix(body.PaymentTransactionID, "1")
		signature := iyzico.ResponseSignature(iyzicotest.DefaultSecretKey, paymentID, iyzico.SignatureAmount(price), "TRY", body.ConversationID)
		_, _ = fmt.Fprintf(w, `{"status":"success","locale":"tr","systemTime":%d,"conversationId":%q,"paymentId":%q,"paymentTransactionId":%q,`+
			`"price":%s,"currency":"TRY","authCode":"000001","hostReference":"mock00007iyzihostrfn","refundHostReference":"mock1iyzihostrfn","retryable":false,"signature":%q}`,
			now, body.ConversationID, paymentID, body.PaymentTransactionID, price, signature)
	case "/payment/detail":
		_, _ = fmt.Fprintf(w, `{"status":"success","locale":"tr","systemTime":%d,"paymentId":%q,"paymentStatus":"SUCCESS","price":%s,"paidPrice":%[3]s,`+
			`"currency":"TRY","itemTransactions":[{"paymentTransactionId":"1%[2]s","itemId":"i","price":%[3]s,"paidPrice":%[3]s}]}`, now, body.PaymentID, paidPrice)
	case "/v2/reporting/payment/details":
		created := time.Now().Add(-48 * time.Hour).UTC().Format("2006-01-02T15:04:05Z")
		_, _ = fmt.Fprintf(w, `{"status":"success","locale":"tr","systemTime":%d,"payments":[{"paymentId":%s,"paymentStatus":1,"paymentRefundStatus":"NOT_REFUNDED",`+
			`"price":%s,"paidPrice":%[3]s,"installment":1,"fraudStatus":1,"currency":"TRY","threeDS":false,"phase":"AUTH","createdDate":%[4]q,"updatedDate":%[4]q,"cancels":[],`+
			`"itemTransactions":[{"paymentTransactionId":1%[2]s,"transactionStatus":2,"price":%[3]s,"paidPrice":%[3]s,"itemId":"i","refunds":[]}]}]}`,
			now, r.URL.Query().Get("paymentId"), paidPrice, created)
	default:
		http.NotFound(w, r)
	}
}
