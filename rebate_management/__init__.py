from . import controllers, demo, models, reports, wizards
from .hooks import uninstall_hook
