"""Cellcast's SMS and MMS APIs, and the values that its own calls take and answer."""

from mmsclient.services.cellcast.service import Cellcast as Cellcast
from mmsclient.services.cellcast.values import Balance as Balance
from mmsclient.services.cellcast.values import BulkResult as BulkResult
from mmsclient.services.cellcast.values import BulkSent as BulkSent
from mmsclient.services.cellcast.values import Confirmation as Confirmation
from mmsclient.services.cellcast.values import CreditUsage as CreditUsage
from mmsclient.services.cellcast.values import CustomNumber as CustomNumber
from mmsclient.services.cellcast.values import MessageReport as MessageReport
from mmsclient.services.cellcast.values import MessageTemplate as MessageTemplate
from mmsclient.services.cellcast.values import OptedOut as OptedOut
from mmsclient.services.cellcast.values import OptOutPage as OptOutPage
from mmsclient.services.cellcast.values import Recipient as Recipient
from mmsclient.services.cellcast.values import RefusedNumber as RefusedNumber
from mmsclient.services.cellcast.values import Response as Response
from mmsclient.services.cellcast.values import Sent as Sent
from mmsclient.services.cellcast.values import SentMessage as SentMessage
