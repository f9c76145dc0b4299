import Glibc
import Webhook

exit(WebhookMain.run())
