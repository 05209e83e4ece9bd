from . import controllers, demo, models, reports, wizards
from .hooks import uninstall_hook
from .tools.guarding import guard_models

guard_models("rebate_management")
