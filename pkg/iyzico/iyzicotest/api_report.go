package iyzicotest

import (
	"strconv"
	"strings"
	"time"
)

// wireTime is how reporting writes times (reference §5.2); wireDayTime how the daily report does (§5.3), in Turkish
// time, as presumed there.
const (
	wireTime    = "2006-01-02T15:04:05Z"
	wireDayTime = time.DateTime
)

// reportDetails shows payments with their refunds and cancels, unsigned. An unknown id gives a success with no payments;
// what iyzico says then is not known (reference §11, 13).
func (s *Server) reportDetails(c *call) answer {
	id, conversationID := c.query.Get("paymentId"), c.query.Get("paymentConversationId")
	if id == "" && conversationID == "" {
		return s.failure(c, refuse(CodeFieldMissing))
	}
	settings := s.Settings()
	var found []ReportedPayment
	if id != "" {
		if p, ok := s.ledger.Report(id, settings.lag()); ok {
			found = append(found, p)
		}
	} else if !settings.HideConversationIDs {
		found = s.ledger.ReportByConversation(conversationID, settings.lag())
	}
	payments := make([]object, len(found))
	for i, p := range found {
		payments[i] = reported(p, settings.HideConversationIDs)
	}
	return answer{body: append(s.envelope(c, "success"), member{"payments", payments})}
}

func reported(p ReportedPayment, hide bool) object {
	o := object{
		{"paymentId", number(p.PaymentID)}, {"paymentStatus", p.PaymentStatus}, {"paymentRefundStatus", p.RefundStatus},
		{"price", amount(p.Price)}, {"paidPrice", amount(p.PaidPrice)}, {"installment", 1},
	}
	o = append(o, commission(p.Price, p.PaidPrice)...)
	if !hide {
		o.addText("paymentConversationId", p.ConversationID)
	}
	o.addText("basketId", p.BasketID)
	o = append(o, object{
		{"fraudStatus", p.FraudStatus}, {"currency", p.Currency}, {"threeDS", false}, {"phase", p.Phase},
		{"authCode", authCode(p.PaymentID)}, {"hostReference", hostReference},
		{"createdDate", p.CreatedAt.Format(wireTime)}, {"updatedDate", p.UpdatedAt.Format(wireTime)},
		{"cancels", reportedEntries(p.Cancels, "refundId", "cancelConversationId", hide)},
	}...)
	items := make([]object, len(p.Lines))
	for i, line := range p.Lines {
		items[i] = object{
			{"paymentTransactionId", number(line.PaymentTransactionID)}, {"itemId", line.ItemID},
			{"transactionStatus", line.TransactionStatus},
			{"price", amount(line.Price)}, {"paidPrice", amount(line.PaidPrice)},
		}
		items[i] = append(items[i], commission(line.Price, line.PaidPrice)...)
		items[i].add("refunds", reportedEntries(line.Refunds, "refundTxId", "refundConversationId", hide))
	}
	o.add("itemTransactions", items)
	return o
}

// reportedEntries writes refunds[] or cancels[], which differ in the names of the two ids only (reference §5.2).
func reportedEntries(entries []ReportedRefund, idName, conversationName string, hide bool) []object {
	list := make([]object, len(entries))
	for i, entry := range entries {
		o := object{{idName, number(entry.RefundTxID)}}
		if !hide {
			o.addText(conversationName, entry.ConversationID)
		}
		o = append(o, object{
			{"refundPrice", amount(entry.Price)}, {"refundStatus", entry.Status}, {"isAfterSettlement", false},
			{"createdDate", entry.CreatedAt.Format(wireTime)}, {"currencyCode", entry.Currency},
		}...)
		if entry.Refusal == nil {
			o.add("authCode", authCode(entry.RefundTxID))
			o.add("hostReference", ownHostReference(entry.RefundTxID))
		} else {
			o.add("errorCode", entry.Refusal.Code)
			o.addText("errorGroup", entry.Refusal.Group)
			o.add("errorMessage", entry.Refusal.Message)
		}
		list[i] = o
	}
	return list
}

// reportDay reads transactionDate: a day, or a day with a time, which one client sends (reference §11, 15).
func reportDay(raw string) (string, *Refusal) {
	if raw == "" {
		return "", refuse(CodeFieldMissing)
	}
	day, _, _ := strings.Cut(raw, " ")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", refuse(CodeInvalidRequest)
	}
	return day, nil
}

// reportTransactions lists one day, page by page from 1.
func (s *Server) reportTransactions(c *call) answer {
	day, refusal := reportDay(c.query.Get("transactionDate"))
	if refusal != nil {
		return s.failure(c, refusal)
	}
	page, err := strconv.Atoi(c.query.Get("page"))
	if err != nil || page < 1 {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	settings := s.Settings()
	rows, pages := s.ledger.TransactionsOn(day, page, settings.lag())
	o := append(s.envelope(c, "success"), object{
		{"transactions", transactionRows(rows, settings.HideConversationIDs)},
		{"currentPage", page}, {"totalPageCount", pages},
	}...)
	return answer{body: o}
}

// reportScroll lists one day from behind lastId. Which id that is and how the end shows is not documented (reference
// §5.4): here it is the row's number within the day, and the end is an empty list.
func (s *Server) reportScroll(c *call) answer {
	day, refusal := reportDay(c.query.Get("transactionDate"))
	if refusal != nil {
		return s.failure(c, refusal)
	}
	last := 0
	if raw := c.query.Get("lastId"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 0 {
			return s.failure(c, refuse(CodeInvalidRequest))
		}
		last = n
	}
	order := c.query.Get("documentScrollVoSortingOrder")
	if order != "" && order != "ASC" && order != "DESC" {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	settings := s.Settings()
	rows := s.ledger.transactions(day, settings.lag())
	if order == "DESC" {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	from := min(last, len(rows))
	to := min(from+TransactionsPerPage, len(rows))
	list := transactionRows(rows[from:to], settings.HideConversationIDs)
	for i := range list {
		list[i].add("lastId", from+i+1)
	}
	return answer{body: append(s.envelope(c, "success"), member{"transactions", list})}
}

func transactionRows(rows []Transaction, hide bool) []object {
	list := make([]object, len(rows))
	for i, row := range rows {
		o := object{
			{"transactionType", row.Type},
			{"transactionDate", row.CreatedAt.In(istanbul).Format(wireDayTime)},
			{"transactionId", number(row.ID)}, {"transactionStatus", 2}, {"afterSettlement", 0},
			{"paymentId", number(row.PaymentID)},
		}
		if row.PaymentTransactionID != "" {
			o.add("paymentTxId", number(row.PaymentTransactionID))
		}
		if !hide {
			o.addText("conversationId", row.ConversationID)
		}
		o.addText("basketId", row.BasketID)
		list[i] = append(o, object{
			{"paymentPhase", row.Phase}, {"price", amount(row.Price)}, {"paidPrice", amount(row.PaidPrice)},
			{"transactionCurrency", row.Currency}, {"settlementCurrency", row.Currency},
			{"installment", 1}, {"threeDS", 0},
			{"authCode", authCode(row.PaymentID)}, {"hostReference", hostReference},
			{"iyzicoCommission", amount(iyziCommission(row.PaidPrice))}, {"iyzicoFee", amount{}},
			{"merchantPayoutAmount", amount(row.PaidPrice.Sub(iyziCommission(row.PaidPrice)))},
		}...)
	}
	return list
}
