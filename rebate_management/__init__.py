from . import controllers, demo, models, reports, wizards
from .hooks import post_init_hook, uninstall_hook
from .tools.guarding import guard_models

guard_models("rebate_management")
