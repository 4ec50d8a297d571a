package iyzico

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// wirePayment is a payment as detail, session and checkout answers show it.
type wirePayment struct {
	wireAnswer
	PaymentStatus                token      `json:"paymentStatus"`
	FraudStatus                  token      `json:"fraudStatus"`
	PaidPrice                    token      `json:"paidPrice"`
	Installment                  token      `json:"installment"`
	BasketID                     token      `json:"basketId"`
	Phase                        token      `json:"phase"`
	AuthCode                     token      `json:"authCode"`
	HostReference                token      `json:"hostReference"`
	ConnectorName                token      `json:"connectorName"`
	MerchantCommissionRate       token      `json:"merchantCommissionRate"`
	MerchantCommissionRateAmount token      `json:"merchantCommissionRateAmount"`
	IyziCommissionRateAmount     token      `json:"iyziCommissionRateAmount"`
	IyziCommissionFee            token      `json:"iyziCommissionFee"`
	CardType                     token      `json:"cardType"`
	CardAssociation              token      `json:"cardAssociation"`
	CardFamily                   token      `json:"cardFamily"`
	BinNumber                    token      `json:"binNumber"`
	LastFourDigits               token      `json:"lastFourDigits"`
	ItemTransactions             []wireLine `json:"itemTransactions"`

	Token            token `json:"token"`
	CheckoutToken    token `json:"checkoutToken"`
	SessionToken     token `json:"sessionToken"`
	MemberIdentifier token `json:"memberIdentifier"`
}

type wireLine struct {
	ItemID                        token       `json:"itemId"`
	PaymentTransactionID          token       `json:"paymentTransactionId"`
	TransactionStatus             token       `json:"transactionStatus"`
	Price                         token       `json:"price"`
	PaidPrice                     token       `json:"paidPrice"`
	MerchantCommissionRate        token       `json:"merchantCommissionRate"`
	MerchantCommissionRateAmount  token       `json:"merchantCommissionRateAmount"`
	IyziCommissionRateAmount      token       `json:"iyziCommissionRateAmount"`
	IyziCommissionFee             token       `json:"iyziCommissionFee"`
	BlockageRate                  token       `json:"blockageRate"`
	BlockageRateAmountMerchant    token       `json:"blockageRateAmountMerchant"`
	BlockageRateAmountSubMerchant token       `json:"blockageRateAmountSubMerchant"`
	BlockageResolvedDate          token       `json:"blockageResolvedDate"`
	SubMerchantPrice              token       `json:"subMerchantPrice"`
	SubMerchantPayoutRate         token       `json:"subMerchantPayoutRate"`
	SubMerchantPayoutAmount       token       `json:"subMerchantPayoutAmount"`
	MerchantPayoutAmount          token       `json:"merchantPayoutAmount"`
	ConvertedPayout               *wirePayout `json:"convertedPayout"`
}

type wirePayout struct {
	Currency                      token `json:"currency"`
	PaidPrice                     token `json:"paidPrice"`
	IyziCommissionRateAmount      token `json:"iyziCommissionRateAmount"`
	IyziCommissionFee             token `json:"iyziCommissionFee"`
	BlockageRateAmountMerchant    token `json:"blockageRateAmountMerchant"`
	BlockageRateAmountSubMerchant token `json:"blockageRateAmountSubMerchant"`
	SubMerchantPayoutAmount       token `json:"subMerchantPayoutAmount"`
	MerchantPayoutAmount          token `json:"merchantPayoutAmount"`
	IyziConversionRate            token `json:"iyziConversionRate"`
	IyziConversionRateAmount      token `json:"iyziConversionRateAmount"`
}

// optionalAmount reads an amount that nothing is decided on; zero if absent or unreadable.
func (t token) optionalAmount() decimal.Decimal {
	d, ok := parseAmount(t.text)
	if !ok {
		return decimal.Decimal{}
	}
	return d
}

// payment reads a payment and demands that it has an id, the requested one if it was requested by id.
func (s *success) payment(wire *wirePayment) Payment {
	p := Payment{
		PaymentID:                    s.echoes("paymentId", wire.PaymentID, s.request.expect.paymentID),
		PaymentStatus:                wire.PaymentStatus.str(),
		FraudStatus:                  s.fields.integer("fraudStatus", wire.FraudStatus),
		Price:                        s.fields.requiredAmount("price", wire.Price),
		PaidPrice:                    s.fields.requiredAmount("paidPrice", wire.PaidPrice),
		Currency:                     wire.Currency.currency(),
		Installment:                  s.fields.number("installment", wire.Installment),
		BasketID:                     wire.BasketID.str(),
		Phase:                        wire.Phase.str(),
		AuthCode:                     wire.AuthCode.str(),
		HostReference:                wire.HostReference.str(),
		ConnectorName:                wire.ConnectorName.str(),
		MerchantCommissionRate:       wire.MerchantCommissionRate.optionalAmount(),
		MerchantCommissionRateAmount: wire.MerchantCommissionRateAmount.optionalAmount(),
		IyziCommissionRateAmount:     wire.IyziCommissionRateAmount.optionalAmount(),
		IyziCommissionFee:            wire.IyziCommissionFee.optionalAmount(),
		CardType:                     wire.CardType.str(),
		CardAssociation:              wire.CardAssociation.str(),
		CardFamily:                   wire.CardFamily.str(),
		BinNumber:                    wire.BinNumber.str(),
		LastFourDigits:               wire.LastFourDigits.str(),
		Lines:                        make([]PaymentLine, len(wire.ItemTransactions)),
	}
	for i := range wire.ItemTransactions {
		p.Lines[i] = s.line("itemTransactions["+strconv.Itoa(i)+"].", &wire.ItemTransactions[i])
	}
	return p
}

func (s *success) line(path string, wire *wireLine) PaymentLine {
	line := PaymentLine{
		PaymentTransactionID:          s.echoes(path+"paymentTransactionId", wire.PaymentTransactionID, ""),
		ItemID:                        wire.ItemID.str(),
		TransactionStatus:             s.fields.number(path+"transactionStatus", wire.TransactionStatus),
		Price:                         s.fields.requiredAmount(path+"price", wire.Price),
		PaidPrice:                     s.fields.requiredAmount(path+"paidPrice", wire.PaidPrice),
		MerchantCommissionRate:        wire.MerchantCommissionRate.optionalAmount(),
		MerchantCommissionRateAmount:  wire.MerchantCommissionRateAmount.optionalAmount(),
		IyziCommissionRateAmount:      wire.IyziCommissionRateAmount.optionalAmount(),
		IyziCommissionFee:             wire.IyziCommissionFee.optionalAmount(),
		BlockageRate:                  wire.BlockageRate.optionalAmount(),
		BlockageRateAmountMerchant:    wire.BlockageRateAmountMerchant.optionalAmount(),
		BlockageRateAmountSubMerchant: wire.BlockageRateAmountSubMerchant.optionalAmount(),
		BlockageResolvedDate:          wire.BlockageResolvedDate.str(),
		SubMerchantPrice:              wire.SubMerchantPrice.optionalAmount(),
		SubMerchantPayoutRate:         wire.SubMerchantPayoutRate.optionalAmount(),
		SubMerchantPayoutAmount:       wire.SubMerchantPayoutAmount.optionalAmount(),
		MerchantPayoutAmount:          wire.MerchantPayoutAmount.optionalAmount(),
	}
	if payout := wire.ConvertedPayout; payout != nil {
		line.ConvertedPayout = &ConvertedPayout{
			Currency:                      payout.Currency.currency(),
			PaidPrice:                     payout.PaidPrice.optionalAmount(),
			IyziCommissionRateAmount:      payout.IyziCommissionRateAmount.optionalAmount(),
			IyziCommissionFee:             payout.IyziCommissionFee.optionalAmount(),
			BlockageRateAmountMerchant:    payout.BlockageRateAmountMerchant.optionalAmount(),
			BlockageRateAmountSubMerchant: payout.BlockageRateAmountSubMerchant.optionalAmount(),
			SubMerchantPayoutAmount:       payout.SubMerchantPayoutAmount.optionalAmount(),
			MerchantPayoutAmount:          payout.MerchantPayoutAmount.optionalAmount(),
			IyziConversionRate:            payout.IyziConversionRate.optionalAmount(),
			IyziConversionRateAmount:      payout.IyziConversionRateAmount.optionalAmount(),
		}
	}
	return line
}
