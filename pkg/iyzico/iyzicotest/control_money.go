package iyzicotest

import (
	"net/http"
	"time"
)

func (s *Server) controlExecutions(w http.ResponseWriter, r *http.Request) {
	executions := s.ledger.Executions(r.URL.Query().Get("paymentId"))
	list := make([]object, len(executions))
	for i, x := range executions {
		list[i] = object{
			{"kind", x.Kind}, {"path", x.Path}, {"conversationId", x.ConversationID}, {"paymentId", x.PaymentID},
			{"paymentTransactionId", x.PaymentTransactionID}, {"price", amountString(x.Price)}, {"currency", x.Currency},
			{"at", x.At.Format(time.RFC3339Nano)},
		}
	}
	writeControl(w, http.StatusOK, object{{"executions", list}})
}

func (s *Server) controlRequests(w http.ResponseWriter, r *http.Request) {
	writeControl(w, http.StatusOK, object{{"requests", s.Requests(r.URL.Query().Get("paymentId"))}})
}

func (s *Server) controlPanelRefund(w http.ResponseWriter, r *http.Request) {
	var q struct {
		PaymentTransactionID string       `json:"paymentTransactionId"`
		Price                textOrNumber `json:"price"`
	}
	if err := readControl(r, &q); err != nil {
		controlFailure(w, err)
		return
	}
	if q.PaymentTransactionID == "" {
		controlFailure(w, wrong("paymentTransactionId", "is missing"))
		return
	}
	price, err := q.Price.decimal("price")
	if err != nil {
		controlFailure(w, err)
		return
	}
	result, err := s.ledger.PanelRefund(q.PaymentTransactionID, price)
	if err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusCreated, object{
		{"refundTxId", result.Parts[0].RefundTxID}, {"paymentId", result.PaymentID},
		{"paymentTransactionId", q.PaymentTransactionID}, {"price", amountString(result.Price)}, {"currency", result.Currency},
	})
}

// balanceStep is the customer's yes or no; it answers what the customer's browser would request next.
func balanceStep(step func(*Ledger, string) error) func(*Server, http.ResponseWriter, *http.Request) {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		if err := step(s.ledger, token); err != nil {
			controlFailure(w, err)
			return
		}
		b, ok := s.ledger.BalanceRefund(token)
		if !ok {
			controlFailure(w, refuse(CodeUnknownBalanceToken))
			return
		}
		writeControl(w, http.StatusOK, s.returnToShop(b))
	}
}

func (s *Server) controlApproveBalance(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if err := s.ledger.ApproveBalanceRefund(token); err != nil {
		controlFailure(w, err)
		return
	}
	b, _ := s.ledger.BalanceRefund(token)
	writeControl(w, http.StatusOK, object{{"paymentId", b.PaymentID}, {"stage", b.Stage}})
}
