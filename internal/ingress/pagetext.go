package ingress

import "github.com/iade/iade/internal/payment"

// pageTextOf is what the customer reads about a refund of that status.
func pageTextOf(status payment.Status, language string) pageText {
	texts := reviewTexts
	switch status {
	case payment.StatusProcessing, payment.StatusAwaitingCustomer, payment.StatusAwaitingMerchant:
		texts = receivedTexts
	case payment.StatusSucceeded:
		texts = succeededTexts
	case payment.StatusNeedsReview, payment.StatusExpired, payment.StatusRejected, payment.StatusNotExecuted, payment.StatusNotSent,
		payment.StatusUnknown, payment.StatusPartiallySucceeded, payment.StatusInReview:
	}
	return texts[language]
}

const (
	referenceTR = "Mağazaya yazarsanız bu numarayı belirtin:"
	referenceEN = "If you write to the shop, give this number:"
)

var receivedTexts = map[string]pageText{
	"tr": {
		Title:     "Yanıtınız alındı",
		Says:      []string{"iyzico'da verdiğiniz yanıt mağazaya ulaştı. Başka bir şey yapmanız gerekmiyor."},
		NextTitle: "Bundan sonra ne olacak?",
		Next: []string{
			"İadeyi onayladıysanız şimdi mağazanın da onaylaması gerekiyor.",
			"Mağaza onaylayınca tutar iyzico hesabınıza geçer; iyzico size haber verir.",
		},
		Otherwise: "Vazgeçtiyseniz iade yapılmaz. Başka bir yol için mağazaya yazın.",
		Reference: referenceTR,
	},
	"en": {
		Title:     "Your answer was received",
		Says:      []string{"The answer that you gave at iyzico has reached the shop. There is nothing else for you to do."},
		NextTitle: "What happens next?",
		Next: []string{
			"If you confirmed the refund, the shop now has to approve it as well.",
			"Once the shop has approved it, the amount goes to your iyzico account, and iyzico lets you know.",
		},
		Otherwise: "If you gave up, no refund is made. Write to the shop for another way.",
		Reference: referenceEN,
	},
}

var succeededTexts = map[string]pageText{
	"tr": {
		Title:     "İadeniz tamamlandı",
		Says:      []string{"Tutar iyzico hesabınıza iade edildi. Hesabınızı iyzico'da görebilirsiniz."},
		Reference: referenceTR,
	},
	"en": {
		Title:     "Your refund is complete",
		Says:      []string{"The amount was refunded to your iyzico account. You can see it at iyzico."},
		Reference: referenceEN,
	},
}

var reviewTexts = map[string]pageText{
	"tr": {
		Title:     "Mağaza iadenizi inceliyor",
		Says:      []string{"Yanıtınız mağazaya ulaştı. İadenin durumuna mağazadan biri bakacak; sonucu size mağaza bildirecek."},
		Reference: referenceTR,
	},
	"en": {
		Title:     "The shop is looking into your refund",
		Says:      []string{"Your answer has reached the shop. Somebody there will look at the refund and tell you the result."},
		Reference: referenceEN,
	},
}

var notFoundTexts = map[string]pageText{
	"tr": {
		Title: "Sayfa bulunamadı",
		Says:  []string{"Bu bağlantı geçerli değil. iyzico'dan geldiyseniz iadenizin durumunu mağazaya sorun."},
	},
	"en": {
		Title: "Page not found",
		Says:  []string{"This link is not valid. If you came from iyzico, ask the shop about your refund."},
	},
}

var unavailableTexts = map[string]pageText{
	"tr": {
		Title: "Şu anda yanıt veremiyoruz",
		Says:  []string{"Birazdan bu sayfayı yenileyin. Yenilemek iadenizde bir şey değiştirmez."},
	},
	"en": {
		Title: "We cannot answer just now",
		Says:  []string{"Please reload this page in a moment. Reloading changes nothing about your refund."},
	},
}
