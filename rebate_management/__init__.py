from . import demo, models, reports, wizards
from .hooks import uninstall_hook
